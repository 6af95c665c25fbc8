import { createHash } from 'node:crypto';

/** The style sheet of the reference page. */
export const docsStyle = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: light-dark(#0b57d0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 19rem 1fr; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem 1.25rem; border-right: 1px solid var(--line); font-size: 13px; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; line-height: 1.8; }
main { padding: 1.5rem 2.5rem 6rem; max-width: 62rem; min-width: 0; }
h1 { margin-top: 0; } h2 { margin-top: 3rem; text-transform: capitalize; } h3 { margin: 2.5rem 0 .25rem; font-size: 1rem; }
h4 { margin: 1.25rem 0 .25rem; font-size: .85rem; opacity: .7; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
code { font: .9em ui-monospace, monospace; } p { margin: .4rem 0; white-space: pre-line; }
b { display: inline-block; min-width: 3.6em; font: 700 .8em ui-monospace, monospace; }
.GET { color: light-dark(#146c2e, #7fd69a); } .POST { color: light-dark(#0b57d0, #8ab4f8); } .DELETE { color: light-dark(#b3261e, #f2b8b5); }
.PUT, .PATCH { color: light-dark(#8a5000, #ffb870); }
table { border-collapse: collapse; width: 100%; font-size: .9em; } td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; }
td:first-child { white-space: nowrap; width: 12rem; } td:last-child { white-space: pre-line; }
small { opacity: .7; } article { border-top: 1px solid var(--line); }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; } table { display: block; overflow: auto; } }
`;

/** The source of that style sheet for the Content-Security-Policy. */
export const docsStyleHash = `'sha256-${createHash('sha256').update(docsStyle).digest('base64')}'`;
