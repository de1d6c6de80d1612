import type { Makers } from './kit.ts';

/** Markup, styles and templates as editors, mail programs and developers send them. */
export const MARKUP: Makers = {
  HTML: (k) =>
    `<p class="${k.noun()}">${k.prose()}</p><a href="https://example.com/?a=1&amp;b='2'">${k.name()}</a><img src='x.png' alt="">`,
  'HTML mail': (k) =>
    `<table width="100%" border='0'><tr><td style="font:12px 'Arial','Helvetica'">Dear ${k.name()},<br>&nbsp;${k.prose()} &#39;quoted&#39; &ldquo;text&rdquo;</td></tr></table>`,
  'rich text': (k) =>
    k.some(
      1,
      5,
      () =>
        k.pick([
          `<p style="text-align:center; color: #${k.hex(3)}">${k.sentence()}</p>`,
          `<ul><li>${k.noun()}</li><li><strong>${k.noun()}</strong> &amp; <em>${k.noun()}</em></li></ul>`,
          `<a href="https://${k.host()}/${k.noun()}?x=1&y=2" target="_blank" rel="noopener noreferrer">${k.name()}</a>`,
          `<img src="https://${k.host()}/${k.noun()}.jpg" alt="${k.name()}" width="${k.int(600)}" height="20">`,
          `<h2 id="${k.noun()}">${k.sentence()}</h2>`,
          `<blockquote class="quote" cite="mid:${k.int(99)}@${k.host()}">${k.sentence()}</blockquote>`,
          `<span style="font-family:'Times New Roman',serif">${k.language()}</span>`,
          `<pre><code class="language-js">${k.code().replaceAll('<', '&lt;')}</code></pre>`,
          `<p><br data-mce-bogus="1"></p>`,
          `<div dir="auto">${k.sentence()}<br></div>`,
          `<table><tbody><tr><td colspan="2">${k.noun()}</td></tr></tbody></table>`,
          `<figure class="image"><img src="/media/${k.int(999)}.png"><figcaption>${k.name()}</figcaption></figure>`,
          `<s>${k.int(99)}</s> <u>${k.int(99)}</u> <hr /> <sub>2</sub>`,
        ]),
      k.pick(['', '\n']),
    ),
  'long HTML mail': (k) =>
    `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${k.sentence()}</title><style>.a{color:#${k.hex(3)};font:12px/1.5 'Arial'}@media(max-width:600px){.b{width:100%!important}}</style></head><body bgcolor="#ffffff">${k.some(
      8,
      30,
      () =>
        `<tr><td align="left" style="padding:${k.int(20)}px 0;border-top:1px solid #ccc"><p>${k.sentence()}</p><a href="https://${k.host()}/u?id=${k.uuid()}&amp;e=${k.hex(8)}">${k.noun()}</a></td></tr>`,
      '\n',
    )}</body></html>`,
  Markdown: (k) =>
    `# ${k.noun()}\n\n- [${k.word()}](../${k.noun()}/readme.md)\n- **${k.name()}** said: \`${k.word()} = '${k.noun()}'\`\n\n> ${k.prose()}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![img](../../images/${k.noun()}.png)`,
  'long Markdown': (k) =>
    k.some(
      4,
      14,
      () =>
        k.pick([
          `## ${k.sentence()}`,
          `\`\`\`js\n${k.code()}\n\`\`\``,
          `1. ${k.sentence()}\n2. [x] ${k.sentence()}`,
          `<details><summary>${k.noun()}</summary>\n\n${k.sentence()}\n\n</details>`,
          `[^${k.int(9)}]: <https://${k.host()}/${k.noun()}>`,
          `| \`${k.word()}\` | ${k.noun()} \\| ${k.noun()} |\n| --- | :-: |`,
          `---\ntitle: "${k.noun()}'s ${k.noun()}"\n---`,
          `![${k.noun()}](https://${k.host()}/b.svg?branch=main) ${k.sentence()}`,
          `$$ a_{${k.int(9)}} = \\frac{1}{2} $$`,
          `:::note\n${k.sentence()}\n:::`,
          '***',
          k.paragraph(2, 4),
        ]),
      '\n\n',
    ),
  BBCode: (k) => `[quote="${k.name()}"]${k.sentence()}[/quote] [url=https://${k.host()}]${k.noun()}[/url] [b]x[/b]`,
  wiki: (k) =>
    `== ${k.noun()} ==\n'''${k.name()}''' is a [[${k.noun()}|${k.word()}]].{{cite web|url=https://${k.host()}|title=${k.noun()}}} ''it's''`,
  'Jira markup': (k) =>
    `h2. ${k.noun()}\n{code:java}\n${k.code()}\n{code}\n{{${k.word()}}} *bold* [link|https://${k.host()}] {color:red}x{color}`,
  JSX: (k) =>
    k.pick([
      `<${k.pick(['Button', 'Card', 'Foo.Bar'])} onClick={() => set(!open)} label={\`\${${k.noun()}} x\`} {...props} />`,
      `{items.map((x) => <li key={x.id} className="a">{x.name ?? '-'}</li>)}`,
      `return cond ? <A b={{ c: ${k.int(9)} }}>{children}</A> : null;`,
      `<Trans>Hi <strong>{{${k.noun()}}}</strong></Trans>`,
    ]),
  Vue: (k) => `<li v-for="x in ${k.noun()}s" :key="x.id" @click="open(x)">{{ x.name | upper }}</li>`,
  Angular: (k) =>
    `<div *ngIf="${k.noun()}$ | async as v" [class.on]="v.a" (click)="go()">{{ v.${k.noun()} | date:'short' }}</div>`,
  template: (k) => `Hello \${name}, your {{${k.noun()}}} #{order} is %{state} and costs {0:C} <%= total %>`,
  'template of a mail': (k) =>
    k.pick([
      `Dear {{first_name}},\n\nyour {{ ${k.noun()} }} is {{#if late}}late{{else}}here{{/if}}.\n{{> footer}}`,
      `Hi [[name]], thanks for {{order.items}} *|FNAME|* %%email%% {$amount}`,
      `{% for item in ${k.noun()}s %}{{ item.name }}{% endfor %}`,
      `Hello <%= user.name %>, you have <%= count %> new ${k.noun()}s`,
      `@{name} #if($x) $x.name #end`,
      `{user_name} ordered {quantity, plural, one {# ${k.noun()}} other {# ${k.noun()}s}}`,
      `\${greeting}, \${user.name}! Total: \${total}`,
      `Hello {{{raw}}} and {{ name | default }} -- {{t '${k.noun()}.title'}}`,
      `<#if ${k.noun()}??>\${${k.noun()}}</#if>`,
      `Hi %recipient.name%, see %(${k.noun()})s and %1$s`,
      `{{ '{{' }} ${k.noun()} }}`,
    ]),
  'merge fields': (k) =>
    `«${k.noun()}» <<${k.noun()}>> [${k.noun()}] $${k.noun().toUpperCase()}$ __${k.word()}__ @@${k.word()}@@`,
  'CSS selector': (k) => `div.${k.noun()} > a[href^='https'] ~ li:nth-child(2n+${k.int(9)})::before, #${k.noun()} *`,
  CSS: (k) =>
    `.${k.noun()}{background:url("/img/${k.noun()}.png") no-repeat;font:600 ${k.int(20)}px/1.2 'Inter',sans-serif!important}@media (min-width:${k.int(900)}px) and (hover){a:not(.b)>i::after{content:'\\201C'}}`,
  'long minified CSS': (k) =>
    k.some(10, 80, () => `.${k.noun()}-${k.int(99)}:hover>.${k.noun()}{margin:0 ${k.int(9)}px;color:#${k.hex(6)}}`, ''),
  'inline style': (k) =>
    `color: red; width: calc(100% - ${k.int(9)}px); background-image: url('../img/${k.noun()}.svg')`,
  SVG: (k) =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none"><path d="M${k.int(24)} ${k.int(24)}l-4.3-4.3a1 1 0 0 1 1.4 0z" stroke="#${k.hex(3)}"/></svg>`,
  'SVG path': (k) =>
    k.some(
      3,
      60,
      () => `${k.pick(['M', 'l', 'c', 'h-', 'v', 'a1,1 0 0 1 ', 'z m'])}${k.int(99)}.${k.int(9)},${k.int(99)}`,
      '',
    ),
  XPath: (k) => `//div[@class='${k.noun()}']/a[contains(text(), "${k.noun()}")][${k.int(9)}]/@href`,
  'regular expression': (k) =>
    k.pick([
      '^[a-z]+(?:-[a-z]+)*$',
      '\\d{3}-\\d{4}',
      '(["\'])(.*?)\\1',
      '^(?!.*\\.\\.)[\\w.]+$',
      '/\\bselect\\b|\\bunion\\b/i',
      '[^\'"]*',
      `^(${k.noun()}|${k.noun()})\\.(jpe?g|png)$`,
      '\\$\\{[^}]+\\}|\\{\\{.*?\\}\\}',
      '^\\s*#.*$|^\\s*//',
      '(?<year>\\d{4})-(?<m>\\d\\d)',
      "[\\w.+-]+@[\\w-]+\\.[\\w.-]+(?:'s)?",
      '<(\\w+)[^>]*>.*?</\\1>',
    ]),
  glob: (k) =>
    k.pick([
      `src/**/*.{ts,tsx}`,
      `!**/${k.noun()}/**`,
      `*.${k.noun()}.example.com`,
      `[a-z]?[!0-9]*.log`,
      `logs/${k.noun()}/*.log`,
      `./${k.noun()}/*.md`,
      `**/node_modules/**`,
    ]),
};
