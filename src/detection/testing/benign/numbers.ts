import type { Makers } from './kit.ts';

/** Numbers, formulas, codes and what laboratories and workshops write. */
export const NUMBERS: Makers = {
  formula: (k) =>
    `${k.pick(['x', 'f(x)', 'y'])} = ${k.some(2, 5, () => `${k.int(9)}${k.pick(['x', 'y', ''])}`, ` ${k.pick(['+', '-', '*', '/'])} `)} ${k.pick(['<', '>', '>=', '='])} ${k.int(10)}`,
  mathematics: (k) =>
    k.pick([
      `P(A|B) = P(B|A)·P(A)/P(B) = 0.${k.int(99)}`,
      `∀x∈ℝ: x² ≥ 0 ∧ ¬(x < 0 ∨ x = ${k.int(9)})`,
      `lim_{n->inf} (1+1/n)^n = e; |x| <= ${k.int(9)}`,
      `f: A -> B, x |-> {y : y > x && y != ${k.int(9)}}`,
      `(a+b)*(a-b)=a^2-b^2 # check`,
      `5' < x <= ${k.int(9)}" (see fig. ${k.int(9)})`,
      `y'' + ${k.int(9)}y' = 0, y(0)=1, y'(0)=-1`,
      `A ∪ B or A ∩ B; A\\B; A^c`,
      `log2(${k.int(99)}) / ln(${k.int(9)}) ~= ${k.int(9)}.${k.int(99)}`,
    ]),
  LaTeX: (k) =>
    k.pick([
      `\\frac{${k.int(9)}}{x+1} \\leq \\sqrt{x^{${k.int(9)}}} % holds for x > 0`,
      `\\begin{align}\n a &= b \\\\\n c &\\neq d\n\\end{align}`,
      `$\\sum_{i=0}^{n} a_i \\cdot x^i$ and $\\alpha \\to \\infty$`,
      `\\textbf{${k.noun()}} \\cite{${k.last()}2026} \\% \\& \\_ \\$`,
      `\\newcommand{\\R}{\\mathbb{R}} \\usepackage[utf8]{inputenc}`,
      `\\includegraphics[width=.5\\textwidth]{img/${k.noun()}.pdf}`,
    ]),
  chemistry: (k) =>
    k.pick([
      '2,2-dimethylpropane',
      'N,N-diethyl-m-toluamide',
      "2',3'-cAMP",
      'H2O + CO2 -> H2CO3',
      'Fe(OH)3',
      "5'-d(CGCGAATTCGCG)-3'",
      '(1R,2S)-ephedrine',
      'C6H12O6 || glucose',
      'CC(=O)Oc1ccccc1C(=O)O',
      'C[C@@H](N)C(=O)O.[Na+].[Cl-]',
      'InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3',
      "uridine-5'-monophosphate and/or thymidine 3'-OH",
      'c.76A>T;p.(Arg97Profs*23)',
      '3×10^5 CFU/mL; pH<7; [Ca2+]=2 mM',
    ]),
  medicine: (k) =>
    k.pick([
      `${k.int(500)} mg p.o. b.i.d.; max. ${k.int(9)}/d -- if BP > 140/90 or HR < 50 call`,
      `Hx: HTN, DM2 (HbA1c=${k.int(9)}.${k.int(9)}%), s/p ${k.noun()}; O2 sat. >= 94%`,
      `Pt c/o pain "7/10", denies N/V/D; A&Ox3; r/o MI`,
      `L3-L4 & L4-L5 disc; 5'6", 180#; f/u in ${k.int(9)} wk`,
      `ICD-10: J45.${k.int(9)}; SNOMED: ${k.int(1e9)} |${k.noun()} (finding)|`,
      `MSH|^~\\&|LAB|${k.noun()}|||20260101||ORU^R01|${k.int(9999)}|P|2.5`,
      `Rx: 1 tab @ 8h (AC) || PRN; allergic: nuts, 'penicillin'`,
    ]),
  music: (k) =>
    k.pick([
      `C#m7b5 | F# | Bb/D || E-7`,
      `e|--0--3--|\nB|--1--0--|`,
      `${k.noun()} (feat. ${k.name()}) [${k.last()}'s Remix] - Single`,
      `01. ${k.noun()}'n'${k.noun()} / 02. "${k.noun()}"`,
      `4/4, 120 bpm; D.S. al Coda`,
    ]),
  chess: (k) => `1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 {${k.last()}'s line} ${k.int(40)}... Qxf2# 0-1; $${k.int(9)}`,
  knitting: (k) => `K${k.int(9)}, *p2tog, yo; rep from * to last ${k.int(9)} sts; k1 (RS) -- turn`,
  sport: (k) => `${k.noun()} 3-2 (a.e.t.) | 6-4 7-6(${k.int(9)}) 0-1* ; +${k.int(9)}' OG`,
  spreadsheet: (k) =>
    k.pick([
      '=SUM(A1:A10)',
      '=IF(A1>5,"yes","no")',
      '=LEFT(B2,LEN(B2)-1)',
      '=CONCATENATE(A1," ",B1)',
      '=AND(A1=1,B1=2)',
      "=VLOOKUP(A2,'Sheet 1'!A:B,2,FALSE)",
      `=IFERROR(INDEX(${k.noun()}[Price],MATCH([@Id],${k.noun()}[Id],0)),"n/a")`,
      `=TEXT(A${k.int(9)},"dd/mm/yyyy")&" - "&B${k.int(9)}`,
      `=QUERY(A1:D${k.int(99)},"where C > 5 order by D desc")`,
      `=COUNTIFS(A:A,">="&D1,B:B,"<>x")`,
      `-${k.int(99)}+${k.int(9)}`,
      `+${k.int(999)}`,
      `@${k.noun()}`,
    ]),
  operators: (k) => `${k.noun()} ${k.pick(SIGNS)} ${k.noun()} ${k.pick(SIGNS)} ${k.int(99)}`,
  range: (k) =>
    k.pick([
      `${k.int(9)}-${k.int(99)}`,
      `>=${k.int(9)} <${k.int(99)}`,
      `${k.int(9)}..${k.int(99)}`,
      `[${k.int(9)},${k.int(99)})`,
      `^1.${k.int(9)}.0 || ~2.${k.int(9)} || >=3 <4`,
      `bytes=0-${k.int(9999)},-500`,
      `${k.int(9)} or ${k.int(9)} and ${k.int(9)}`,
      `-${k.int(99)}.${k.int(9999)},${k.int(99)}.${k.int(9999)}`,
    ]),
  coordinates: (k) =>
    k.pick([
      `53°${k.int(59)}'${k.int(59)}"N 6°${k.int(59)}'${k.int(59)}"W`,
      `POLYGON((${k.int(90)} 1, 2 ${k.int(90)}, 3 3, ${k.int(90)} 1))`,
      `geo:${k.int(90)}.${k.int(999)},-${k.int(90)}.${k.int(999)};u=35`,
      `40° 26′ ${k.int(59)}″ N; 79° 58′ W`,
      `29U PV ${k.int(99999)} ${k.int(99999)}`,
      `bbox=-10.5,51.${k.int(9)},-5.4,55.4`,
    ]),
  'bank and tax numbers': (k) =>
    k.pick([
      `IE${k.two(90)} AIBK ${k.letters(4, '0123456789')} ${k.letters(4, '0123456789')} ${k.letters(4, '0123456789')} 78`,
      `DE${k.letters(20, '0123456789')}`,
      `4111-1111-1111-${k.letters(4, '0123456789')}`,
      `RF18 5390 0754 ${k.letters(4, '0123456789')}`,
      `${k.letters(3, '0123456789')}-${k.two(98)}-${k.letters(4, '0123456789')}`,
      `ATU${k.letters(8, '0123456789')}`,
      `ISBN 978-3-16-${k.letters(6, '0123456789')}-0`,
      `+++090/9337/5549${k.int(9)}+++`,
      `${k.letters(2, 'ABCDEFG')}-${k.int(999)}/${k.int(99)}-${k.letters(1)}`,
    ]),
  version: (k) =>
    k.pick([
      `v${k.int(9)}.${k.int(9)}.${k.int(9)}-rc.1+build.${k.int(99)}`,
      `>=1.${k.int(9)}, <2.0 ; python_version<'3.${k.int(9)}'`,
      `2026.${k.int(12)}--${k.hex(7)}`,
      `1:2.${k.int(9)}~beta-1ubuntu${k.int(9)}`,
    ]),
  'part number': (k) =>
    k.pick([
      `${k.letters(3)}-${k.int(999)}/${k.int(99)} (rev. B)`,
      `M${k.int(20)}x1.5-6H|6g`,
      `1/4"-20 UNC x 1-1/2" -- zinc`,
      `DN${k.int(99)}/PN16; 2x${k.int(9)} AWG`,
      `205/55R16 91V; 6.5Jx16 ET${k.int(50)}`,
      `R${k.int(99)} 4k7 1% & C${k.int(9)} 100nF`,
    ]),
  recipe: (k) =>
    `${k.int(9)} c. flour, 1/2 tsp salt & ${k.int(9)} eggs; mix (don't beat!) @ 180°C/350°F for ${k.int(50)}' -- serves 4-6`,
  slug: (k) => `${k.letters(3, '0123456789')}--${k.letters(1, 'abcdefgh')}-${k.letters(10)}-${k.letters(6)}`,
  id: (k) =>
    k.pick([
      `${k.letters(8)}--${k.letters(4)}`,
      `0x${k.hex(16)}`,
      `${k.letters(5)}||${k.letters(5)}`,
      `1---`,
      `${k.int(9999)}-${k.int(99)}`,
      `${k.letters(4)}_${k.int(999)}`,
      `#${k.int(9999)}`,
      k.uuid(),
      `{${k.uuid().toUpperCase()}}`,
      `urn:${k.noun()}:${k.noun()}:${k.int(99)}`,
      `arn:aws:s3:::${k.noun()}/${k.noun()}/*`,
      `$${k.letters(6)}`,
      `${k.noun()}:${k.int(99)}:${k.word()}`,
      `_:b${k.int(99)}`,
      `${k.letters(8)}=`,
      `@${k.noun()}/${k.noun()}#${k.int(99)}`,
      `${k.noun()};v=${k.int(9)}`,
    ]),
  colours: (k) =>
    k.pick([
      `#${k.hex(6)}`,
      `rgba(${k.int(255)}, ${k.int(255)}, 0, .${k.int(9)})`,
      `linear-gradient(to right, #${k.hex(3)} 0%, transparent ${k.int(99)}%)`,
      `hsl(${k.int(360)}deg 50% 50% / ${k.int(99)}%)`,
      `calc(100% - ${k.int(99)}px)`,
      `var(--${k.noun()}-${k.adjective()}, #${k.hex(3)})`,
    ]),
};

const SIGNS = '+ - * / = < > <= >= != & | ^ % -> => :: .. ... || && ~ ?: <- |> <=> := =~ ** ?? ++ -- <<'.split(' ');
