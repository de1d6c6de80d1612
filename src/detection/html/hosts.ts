/** Players, maps and forms that people set into honest texts; each serves nothing else at these paths. */
const EMBEDS =
  /^https:\/\/(?:www\.youtube(?:-nocookie)?\.com\/embed\/|player\.vimeo\.com\/video\/|www\.google\.com\/maps\/embed\b|maps\.google\.com\/maps\?|calendar\.google\.com\/calendar\/embed|docs\.google\.com\/(?:forms|presentation|document|spreadsheets)\/|open\.spotify\.com\/embed|w\.soundcloud\.com\/player|www\.dailymotion\.com\/embed\/|player\.twitch\.tv\/|www\.slideshare\.net\/slideshow\/embed|codepen\.io\/[\w-]{1,64}\/embed\/|www\.openstreetmap\.org\/export\/embed|www\.loom\.com\/embed\/|fast\.wistia\.net\/embed\/|www\.facebook\.com\/plugins\/|embed\.(?:ted|music\.apple|podcasts\.apple)\.com\/)/i;
/** Hosts of published libraries. */
const LIBRARIES =
  /^https:\/\/(?:cdn\.jsdelivr\.net|cdnjs\.cloudflare\.com|unpkg\.com|code\.jquery\.com|ajax\.googleapis\.com|(?:maxcdn|stackpath)\.bootstrapcdn\.com|esm\.sh|cdn\.tailwindcss\.com|cdn\.skypack\.dev)\//i;
const HTTP = /^\s*(?:https?:|ftp:|[/\\]{2})/i;
/** A host that is a number, which only who hides it writes. */
const NUMBERED =
  /^\s*(?:https?:)?\/\/(?:\d{8,10}|0x[0-9a-f]{8}|(?:0x[0-9a-f]{1,2}|0\d{1,3})(?:\.(?:0x[0-9a-f]{1,2}|0\d{1,3})){3})(?:[:/?#]|$)/i;

/** A frame of a well-known player. */
export const isEmbed = (url: string): boolean => EMBEDS.test(url);
/** A script that a library publishes. */
export const isLibrary = (url: string): boolean => LIBRARIES.test(url);
/** It leads to another site, or may. */
export const isForeign = (url: string): boolean => HTTP.test(url);
export const hidesHost = (url: string): boolean => NUMBERED.test(url);
