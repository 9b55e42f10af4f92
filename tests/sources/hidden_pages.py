"""Pages that hide the word UNSEEN or show the word SEEN last, for the reader and for a browser."""

X = "<p>Text. <i class='x z' id=y data-k='A b-c' lang=en>{}</i>"
"""A place for a word, which style sheets select."""
LIST = "<ul>" + "".join(f"<li>Line {n}" for n in range(1, 4)) + "<li class=x>{}</ul>"
HIDES = "{display:none}"


def sheet(text, body=X):
    """A page with a style sheet."""
    return f"<style>{text}</style>{body}"


def styled(style):
    """A page with a styled element."""
    return f'<p>Text. <span style="{style}">{{}}</span>'


SELECTORS = [
    ":is(.a, .x)", ":where(i)", ":is(div p, p i)", "p:has(.x)", "p:has(> i) i", ":not(p) > :not(.a, .b)", "i:not(.a)",
    "p :not(:is(.a)):not(:has(*))", "[data-k]", "[data-k='A b-c']", "[data-k^=A]", "[data-k$=c]", "[data-k~=b-c]",
    "[data-k*='b-']", "[data-k='a B-C' i]", "[lang|=en]", "i:first-child", "p :only-child", "i:nth-child(1)",
    "i:nth-last-child(n)", "i:nth-of-type(odd)", "i:nth-child(1 of .x)", "p > i", "body > p > .x#y", ":root .x",
    "html .x", "i:not(:empty)", "*|i:not(:hover)", ".x:not(:target)", "\\69", ".\\78", "#\\79", "p:not(:has(b)) .x",
    "i:nth-child(1):nth-last-child(1)", ".x:not(.x .x)", "body:has(p i.z) .x",
]  # fmt: skip
NOT_SELECTORS = [
    ":is(.a, .b)", "p:has(+ p)", "i:has(*)", "i:not(.x)", "[data-k=a]", "[data-k='a b-c']", "i:nth-child(2)", "i:hover",
    ".x:target", ".x::before", "p + i", "div .x", ".x.a", "i:empty", "i:nth-child(1 of .a)", "p ~ i", "body > i", ".x:focus",
    ".x:checked", ":is()", ".x:not(*)", "a:any-link", "p:has(.x):has(b)",
]  # fmt: skip
SHEETS = {
    "nesting": "p { color: black; & .x " + HIDES + "}", "nesting without a sign": "p { .x " + HIDES + "}",
    "nesting of a child": "p { > i " + HIDES + "}", "nesting with the sign behind": ".x { p & " + HIDES + "}",
    "nesting and a class": "i { &.x " + HIDES + "}", "nesting of media": ".x { @media screen " + HIDES + "}",
    "nesting of nesting": "body { p { i { &:not(.a) " + HIDES + "}}}",
    "custom property": ":root{--d:none} .x{display:var(--d)}", "fallback": ".x{display:var(--d, none)}",
    "custom property of another": "p{--a:var(--b)} html{--b:1} p{--b:none} .x{display:var(--a)}",
    "registered property": "@property --d{syntax:'*';inherits:true;initial-value:none} .x{display:var(--d)}",
    "shorthand of a custom property": ":root{--c:#fff} .x{color:#fff;background:var(--c)}",
    "earlier valid value": ".x{display:none;display:bogus}", "earlier valid color": ".x{color:#fff;color:bogus}",
    "earlier valid size": ".x{font-size:0;font-size:-1px}", "earlier valid shift": ".x{text-indent:0;opacity:0;opacity:x}",
    "layers": "@layer a, b; @layer b{.x" + HIDES + "} @layer a{.x#y{display:inline}}",
    "no layer": ".x" + HIDES + " @layer a{.x#y{display:inline}}",
    "important in layers": "@layer a{.x{display:none!important}} @layer b{#y{display:inline!important}}",
    "layer in a layer": "@layer a{.x" + HIDES + " @layer b{#y{display:inline}}}",
    "supports": "@supports (display:grid){.x" + HIDES + "}", "supports not": "@supports not (-ms-a:b){.x" + HIDES + "}",
    "media in range": "@media (600px <= width < 9000px){.x" + HIDES + "}",
    "media not": "@media not print{.x" + HIDES + "}", "media or": "@media print, (hover){.x" + HIDES + "}",
    "media in brackets": "@media (not (monochrome)) and (min-width:20em){.x" + HIDES + "}",
    "scope": "@scope (p){i" + HIDES + "}", "important": ".x{display:none!important} #y{display:inline}",
    "all": ".x{visibility:hidden} p{all:unset}", "where": ":where(#y){display:inline} i" + HIDES,
    "specificity of is": ":is(#y, .a)" + HIDES + " .x.z{display:inline}",
    "specificity of not": "i:not(#q)" + HIDES + " .x.z{display:inline}",
    "specificity of has": "p:has(#y) i" + HIDES + " p .x.z{display:inline}",
    "comment": "/* */.x/**/{display:/**/none}", "no end": ".x{display:none", "escape": ".x{d\\69splay:n\\6fne}",
    "charset": "@charset 'x'; .x" + HIDES, "import": "@import 'a.css'; .x" + HIDES,
}  # fmt: skip
NOT_SHEETS = {
    "media": "@media (width < 600px){.x" + HIDES + "}", "media not all": "@media not all{.x" + HIDES + "}",
    "media not screen and": "@media not screen and (min-width:1px){.x" + HIDES + "}",
    "supports": "@supports not (display:grid){.x" + HIDES + "}", "supports of others": "@supports (-ms-a:b){.x" + HIDES + "}",
    "layers": "@layer a, b; @layer a{.x#y" + HIDES + "} @layer b{.x{display:inline}}", "fonts": "@font-face{.x" + HIDES + "}",
    "no layer": "@layer a{#y" + HIDES + "} i{display:inline}", "scope": "@scope (.x){p" + HIDES + "}",
    "where": ":where(#y)" + HIDES + " i{display:inline}", "later": ".x" + HIDES + " .x{display:inline}",
    "custom property": ":root{--d:none} .x{--d:inline;display:var(--d)}", "missing": ".x{display:none;display:var(--q)}",
    "circle": ".x{--a:var(--b);--b:var(--a);display:none;display:var(--a)}", "unset": ".x{display:none;display:unset}",
    "inherited": "p{opacity:1} .x{opacity:0;opacity:inherit}", "all": ".x{opacity:0;display:none;all:initial}",
    "nesting": "p { & b " + HIDES + "}", "nesting of another": "b { .x " + HIDES + "}",
    "animation": "@keyframes k{from" + HIDES + "}", "broken": "}}{;.x{display", "starting": "@starting-style{.x{opacity:0}}",
    "string": '.z{content:"}.x{display:none}"}', "upper case": "html .X" + HIDES, "later color": ".x{color:#fff;color:red}",
}  # fmt: skip
STYLES = [
    "display:none", "display:var(--x,none)", "display:table-column", "visibility:hidden", "visibility:collapse",
    "opacity:0", "opacity:calc(1 - 1)", "opacity:.01", "filter:opacity(0)", "filter:blur(0) opacity(0%)", "font-size:0",
    "font:0/0 a", "font-size:calc(1em * 0)", "font-size:min(0px, 1em)", "color:white", "color:#FFF",
    "color:rgb(255 255 255)", "color:rgb(255 0 0 / 0)", "color:hsl(0 0% 100%)", "color:hwb(0 100% 0%)",
    "color:oklch(1 0 0)", "color:lab(100 0 0)", "color:color-mix(in srgb, white, #fff)", "color:light-dark(white, red)",
    "color:transparent", "color:#0000", "color:canvas", "color:red;background:red", "color:#123;background:#112233",
    "color:red;background:linear-gradient(red,red);background:red", "color:currentcolor;background:black",
    "-webkit-text-fill-color:transparent", "-webkit-text-fill-color:white;color:red", "background:black",
    "position:absolute;left:-9999px", "position:fixed;top:-100em", "position:absolute;inset:0 auto auto -9999px",
    "position:absolute;inset-inline-start:-9999px", "position:absolute;left:calc(-1px * 9999)",
    "display:block;text-indent:-9999px", "display:inline-block;margin-left:-800pt", "display:block;margin:0 0 0 -9999px",
    "display:block;transform:translateX(-9999px)", "display:block;translate:-9999px", "display:block;transform:translate(0,-9999px)",
    "position:absolute;clip:rect(0,0,0,0)", "display:block;clip-path:inset(50%)", "display:block;clip-path:circle(0)",
    "display:block;clip-path:polygon(0 0, 0 0, 0 0)", "display:block;clip-path:inset(0 100% 0 0)",
    "display:block;height:0;overflow:hidden", "display:block;max-height:0;overflow:clip", "display:block;width:0;overflow-x:hidden",
    "display:block;block-size:0;overflow:auto", "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0 0 0 0)",
    "display:block;transform:scale(0)", "display:block;scale:0", "display:block;transform:scaleX(0) rotate(4deg)",
    "display:block;content-visibility:hidden", "display:block;text-indent:100%;white-space:nowrap;overflow:hidden",
    "display:block;-webkit-transform:scale(0)", "display:block;clip-path:xywh(0 0 0 0)",
]  # fmt: skip
NOT_STYLES = [
    "display:block", "display:contents", "display:none;display:inline-flex", "opacity:.5", "filter:grayscale(1)", "color:red",
    "color:white;background:black", "color:white;background:linear-gradient(red, red)", "color:white;background-color:#00000080",
    "background:white", "position:relative;left:5px", "display:block;transform:translateX(20px)", "display:block;scale:1.01",
    "display:block;clip-path:inset(0)", "display:block;clip-path:circle(100%)", "display:block;height:0", "display:block;height:2em;overflow:hidden",
    "clip:rect(0,0,0,0)", "display:block;text-indent:1em", "visibility:visible", "color:#ffffff00;color:#000",
    "color:transparent;background:linear-gradient(red,blue);background-clip:text;-webkit-background-clip:text",
    "display:block;clip-path:polygon(0 0, 100% 0, 100% 100%, 0 100%)", "display:block;transform:rotate(2deg)", "color:oklch(0.5 0.1 20)",
    "font:12px serif", "font-size:calc(1vw + 4px)", "font-size:clamp(9px, 1em, 90px)", "opacity:max(0, 1)", "font-size:larger",
    "color:color-mix(in srgb, white 10%, black)", "transform:scale(0);transform:none", "content-visibility:auto",
]  # fmt: skip
MARKUP = {
    "hidden": "<p hidden>{}", "hidden until found": "<p hidden=until-found>{}", "popover": "<div popover>{}</div>",
    "popover by hand": "<div popover=manual>{}</div>", "dialog": "<dialog>{}</dialog>", "dialog as popover": "<dialog popover>{}</dialog>",
    "details": "<details><summary>More</summary><p>{}</details>", "bare details": "<details>{}</details>",
    "second summary": "<details><summary>a</summary><summary>{}</summary></details>",
    "details in details": "<details><summary>a</summary><details open><summary>{}</summary></details></details>",
    "rp": "<ruby>a<rp>{}</rp><rt>b</rt></ruby>", "template": "<p>a<template>{}</template>", "noscript": "<p>a<noscript>{}</noscript>",
    "annotation": "<math><semantics><mi>a</mi><annotation>{}</annotation></semantics></math>",
    "annotation in XML": "<math><semantics><mi>a</mi><annotation-xml>{}</annotation-xml></semantics></math>",
    "phantom": "<math><mphantom><mi>{}</mi></mphantom></math>",
    "fourth item": "<style>li:nth-child(4){display:none}</style>" + LIST, "last item": "<style>li:last-child{display:none}</style>" + LIST,
    "item after items": "<style>li + li + li ~ li{display:none}</style>" + LIST,
    "body's colors": "<body text=white>{}", "font": "<p><font color=ffffff>{}</font>", "body's paper": "<body bgcolor=black>{}",
    "opacity of two": "<div style='opacity:.2'><p style='opacity:.2'>{}</div>", "quotes": "<p style=display&colon;none>{}",
    "cell": "<table><tr><td>a<td style='visibility:collapse'>{}</table>", "sheet in the body": "<p>a<p class=q>{}<style>.q{opacity:0}</style>",
    "row of a body": "<style>tbody > tr.q{display:none}</style><table><tr><td>a<tr class=q><td>{}</table>",
}  # fmt: skip
NOT_MARKUP = {
    "inert": "<p inert>{}", "short font": "<p><font color=fff>{}</font>", "open dialog": "<dialog open>{}</dialog>", "open details": "<details open><p>{}</details>",
    "summary": "<details><summary>{}</summary><p></details>", "shown popover": "<div popover style='display:block;position:static'>{}</div>",
    "shown though hidden": "<p hidden style='display:block'>{}", "mark": "<p style='color:white'>a<mark>{}</mark>",
    "link": "<p style='color:white'><a href=x>{}</a>", "shown rp": "<ruby>a<rp style='display:inline'>{}</rp><rt>b</rt></ruby>",
    "visible in hidden": "<p style='visibility:hidden'><b style='visibility:visible'>{}</b>", "formula": "<math><mtext>{}</mtext></math>",
    "row of a table": "<style>table > tr.q{display:none}</style><table><tr><td>a<tr class=q><td>{}</table>",
    "third item": "<style>li:nth-child(3){display:none}</style>" + LIST, "navy": "<table bgcolor=navy><tr><td><font color=white>{}</font></table>",
    "summary in the summary": "<details><summary><b>{}</b></summary></details>", "light in dark": "<div style='background:#012'><p style='color:#fff'>{}</div>",
}  # fmt: skip

HIDDEN = (
    {f"{each} hides": sheet(each + HIDES) for each in SELECTORS}
    | {f"sheet with {name}": sheet(each) for name, each in SHEETS.items()}
    | {f"style {each}": styled(each) for each in STYLES}
    | MARKUP
)
SEEN = (
    {f"{each} does not": sheet(each + HIDES) for each in NOT_SELECTORS}
    | {f"sheet without {name}": sheet(each) for name, each in NOT_SHEETS.items()}
    | {f"style {each}": styled(each) for each in NOT_STYLES}
    | NOT_MARKUP
)
