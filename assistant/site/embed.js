// On Record on any page: <script src="https://HOST/embed.js" defer></script>, see docs/embedding.md
//
// Defines <on-record>, which asks the server that this script comes from. A page without one gets a button that opens
// one. Whatever is said becomes text, never HTML. Not covered: browsers without adopted style sheets (before 2023).
"use strict";
(() => {
    const known = customElements.get("on-record");
    if (known) return known.place?.(); // the page has the tag twice
    const script = document.currentScript ?? document.querySelector('script[src*="/embed.js"]');

    const MOST_QUESTION = 2_000, MOST_ANSWER = 20_000, MOST_HISTORY = 10; // what the server takes; of the history, less
    const MOST_SENT = 60_000; // bytes
    const MOST_TURNS = 20, MOST_KEPT = 200_000; // letters, in the tab's storage
    const VERSION = 1; // of what is kept there
    const SLOW = 8_000, LATE = 60_000; // milliseconds

    const MARKS = { answered: "✓", unreleased: "◷", conflicting: "⇄", not_in_sources: "∅", partial: "◐" };
    const REFUSALS = ["unreleased", "not_in_sources"];
    const FAULTS = {
        400: "refused", 401: "forbidden", 403: "forbidden", 404: "forbidden", 408: "late", 413: "refused",
        422: "refused", 429: "busy", 503: "busy", 504: "late",
    };
    const FINAL = ["refused", "forbidden"]; // asking the same again would not help

    // ------------------------------------------------------------------------------------------------ words

    // What the server says is not among them: answers are in the language of its sources.
    const STRINGS = {
        __proto__: null,
        en: {
            title: "Ask a question",
            intro: "Answers quote the sources word for word, with who said so and when.",
            examples: "For example",
            question: "Your question",
            ask: "Ask",
            stop: "Stop",
            clear: "New conversation",
            close: "Close",
            searching: "Searching the sources…",
            slow: "This takes longer than usual…",
            answered: "Answered",
            unreleased: "Not released yet",
            conflicting: "Sources differ",
            notInSources: "Not in the sources",
            partial: "In parts",
            asOf: "as of {date}",
            understood: "Understood as: {question}",
            brief: "brief of {publisher}",
            undated: "undated",
            replaced: "Replaced",
            related: "Also on record",
            newTab: "opens in a new tab",
            contactLabel: "Contact us",
            retry: "Try again",
            retryIn: "Try again in {seconds} s",
            offline: "You are offline.",
            unreachable: "The server cannot be reached.",
            broken: "The connection was lost halfway.",
            busy: "Too many questions just now.",
            late: "The answer took too long.",
            stopped: "Stopped before the answer.",
            failed: "Something went wrong on the server.",
            refused: "The server does not take this question. Change or shorten it.",
            forbidden: "This page may not ask here.",
        },
        de: {
            title: "Stellen Sie eine Frage",
            intro: "Antworten zitieren die Quellen wörtlich, mit Urheber und Datum.",
            examples: "Zum Beispiel",
            question: "Ihre Frage",
            ask: "Fragen",
            stop: "Anhalten",
            clear: "Neues Gespräch",
            close: "Schließen",
            searching: "Die Quellen werden durchsucht …",
            slow: "Es dauert länger als sonst …",
            answered: "Beantwortet",
            unreleased: "Noch nicht veröffentlicht",
            conflicting: "Quellen widersprechen sich",
            notInSources: "Nicht in den Quellen",
            partial: "In Teilen",
            asOf: "Stand {date}",
            understood: "Verstanden als: {question}",
            brief: "Zusammenfassung von {publisher}",
            undated: "ohne Datum",
            replaced: "Überholt",
            related: "Außerdem belegt",
            newTab: "öffnet einen neuen Tab",
            contactLabel: "Kontakt",
            retry: "Noch einmal versuchen",
            retryIn: "Noch einmal in {seconds} s",
            offline: "Sie sind offline.",
            unreachable: "Der Server ist nicht erreichbar.",
            broken: "Die Verbindung ist unterwegs abgebrochen.",
            busy: "Im Moment sind es zu viele Fragen.",
            late: "Die Antwort hat zu lange gedauert.",
            stopped: "Vor der Antwort angehalten.",
            failed: "Auf dem Server ist etwas schiefgegangen.",
            refused: "Der Server nimmt diese Frage nicht an. Ändern oder kürzen Sie sie.",
            forbidden: "Diese Seite darf hier nicht fragen.",
        },
        fr: {
            title: "Posez une question",
            intro: "Les réponses citent les sources mot pour mot, avec leur auteur et leur date.",
            examples: "Par exemple",
            question: "Votre question",
            ask: "Demander",
            stop: "Arrêter",
            clear: "Nouvelle conversation",
            close: "Fermer",
            searching: "Recherche dans les sources…",
            slow: "C’est plus long que d’habitude…",
            answered: "Réponse trouvée",
            unreleased: "Pas encore publié",
            conflicting: "Les sources divergent",
            notInSources: "Absent des sources",
            partial: "En plusieurs parties",
            asOf: "au {date}",
            understood: "Compris ainsi : {question}",
            brief: "résumé de {publisher}",
            undated: "sans date",
            replaced: "Remplacé",
            related: "Également attesté",
            newTab: "s’ouvre dans un nouvel onglet",
            contactLabel: "Nous contacter",
            retry: "Réessayer",
            retryIn: "Réessayer dans {seconds} s",
            offline: "Vous êtes hors ligne.",
            unreachable: "Le serveur est injoignable.",
            broken: "La connexion a été coupée en cours de route.",
            busy: "Trop de questions en ce moment.",
            late: "La réponse a pris trop de temps.",
            stopped: "Arrêté avant la réponse.",
            failed: "Une erreur s’est produite sur le serveur.",
            refused: "Le serveur n’accepte pas cette question. Modifiez-la ou raccourcissez-la.",
            forbidden: "Cette page n’a pas le droit de demander ici.",
        },
        es: {
            title: "Haga una pregunta",
            intro: "Las respuestas citan las fuentes palabra por palabra, con su autor y su fecha.",
            examples: "Por ejemplo",
            question: "Su pregunta",
            ask: "Preguntar",
            stop: "Detener",
            clear: "Nueva conversación",
            close: "Cerrar",
            searching: "Buscando en las fuentes…",
            slow: "Tarda más de lo habitual…",
            answered: "Respondida",
            unreleased: "Aún no publicado",
            conflicting: "Las fuentes difieren",
            notInSources: "No está en las fuentes",
            partial: "Por partes",
            asOf: "a fecha de {date}",
            understood: "Entendida como: {question}",
            brief: "resumen de {publisher}",
            undated: "sin fecha",
            replaced: "Sustituido",
            related: "También consta",
            newTab: "se abre en una pestaña nueva",
            contactLabel: "Contacto",
            retry: "Reintentar",
            retryIn: "Reintentar en {seconds} s",
            offline: "No tiene conexión.",
            unreachable: "No se puede acceder al servidor.",
            broken: "La conexión se perdió a mitad de camino.",
            busy: "Demasiadas preguntas en este momento.",
            late: "La respuesta tardó demasiado.",
            stopped: "Detenida antes de la respuesta.",
            failed: "Algo falló en el servidor.",
            refused: "El servidor no acepta esta pregunta. Cámbiela o acórtela.",
            forbidden: "Esta página no puede preguntar aquí.",
        },
        ar: {
            title: "اطرح سؤالاً",
            intro: "تقتبس الإجابات المصادر حرفياً، مع ذكر القائل والتاريخ.",
            examples: "على سبيل المثال",
            question: "سؤالك",
            ask: "اسأل",
            stop: "إيقاف",
            clear: "محادثة جديدة",
            close: "إغلاق",
            searching: "جارٍ البحث في المصادر…",
            slow: "يستغرق الأمر وقتاً أطول من المعتاد…",
            answered: "تمت الإجابة",
            unreleased: "لم يُعلن بعد",
            conflicting: "المصادر مختلفة",
            notInSources: "غير وارد في المصادر",
            partial: "على أجزاء",
            asOf: "حتى {date}",
            understood: "فُهم السؤال هكذا: {question}",
            brief: "ملخص عن {publisher}",
            undated: "بلا تاريخ",
            replaced: "لم يعد سارياً",
            related: "وارد أيضاً في المصادر",
            newTab: "يفتح في علامة تبويب جديدة",
            contactLabel: "اتصل بنا",
            retry: "حاول مرة أخرى",
            retryIn: "حاول مرة أخرى بعد {seconds} ث",
            offline: "أنت غير متصل بالإنترنت.",
            unreachable: "تعذر الوصول إلى الخادم.",
            broken: "انقطع الاتصال في منتصف الطريق.",
            busy: "هناك أسئلة كثيرة الآن.",
            late: "استغرقت الإجابة وقتاً طويلاً.",
            stopped: "توقف قبل الإجابة.",
            failed: "حدث خطأ في الخادم.",
            refused: "لا يقبل الخادم هذا السؤال. غيّره أو اختصره.",
            forbidden: "لا يُسمح لهذه الصفحة بالسؤال هنا.",
        },
        zh: {
            title: "提问",
            intro: "回答逐字引用来源，并注明出处和日期。",
            examples: "例如",
            question: "您的问题",
            ask: "提问",
            stop: "停止",
            clear: "新对话",
            close: "关闭",
            searching: "正在查找来源……",
            slow: "用时比平常长……",
            answered: "已回答",
            unreleased: "尚未公布",
            conflicting: "来源说法不一",
            notInSources: "来源中没有",
            partial: "分项回答",
            asOf: "截至 {date}",
            understood: "理解为：{question}",
            brief: "{publisher} 的摘要",
            undated: "无日期",
            replaced: "已被取代",
            related: "来源中还提到",
            newTab: "在新标签页中打开",
            contactLabel: "联系我们",
            retry: "重试",
            retryIn: "{seconds} 秒后重试",
            offline: "您已离线。",
            unreachable: "无法连接服务器。",
            broken: "连接中途断开。",
            busy: "目前提问过多。",
            late: "回答用时过长。",
            stopped: "在回答之前已停止。",
            failed: "服务器出现问题。",
            refused: "服务器不接受这个问题。请修改或缩短。",
            forbidden: "此页面无权在此提问。",
        },
    };

    const base = (language) => language.toLowerCase().split("-")[0];
    const isRightToLeft = (language) => /^(ar|fa|he|ur|yi)\b/i.test(language);

    // What holds for all elements of a page: from the tag or, of /embed in a frame, its address. On its own that shows
    // nothing that a link could put into its mouth.
    const given = { ...script?.dataset };
    if (given.options === "address" && self !== top) {
        for (const [name, value] of new URLSearchParams(location.search)) {
            if (!["server", "placement"].includes(name)) given[name] = value;
        }
    }

    // ------------------------------------------------------------------------------------------------ looks

    const NARROW = "(max-width: 30em), (max-height: 25em)"; // where the panel covers the page
    const DARK = `
        color-scheme: dark;
        --paper: var(--onrecord-paper, #13171d); --card: var(--onrecord-card, #1b2129);
        --ink: var(--onrecord-ink, #e8eaed); --soft: var(--onrecord-soft, #a9b1bd);
        --line: var(--onrecord-line, #343c48); --edge: #7d8796; --tint: var(--onrecord-tint, #27303c);
        --accent: var(--onrecord-accent, #b9cdea); --on-accent: var(--onrecord-on-accent, #13171d);
        --answered: #6ed29a; --unreleased: #f0b35a; --conflicting: #cda4f4; --not_in_sources: #b3bdca;
        --partial: #84bff2; --fault: #ff9d94;`;
    const LOOKS = `
    /* These win over a page's own, !important ones included. */
    :host { all: initial !important; display: block !important; }
    :host([hidden]), :host::before, :host::after { display: none !important; }
    *, ::before, ::after { box-sizing: border-box; }
    .root {
        color-scheme: light;
        --paper: var(--onrecord-paper, #f8f7f4); --card: var(--onrecord-card, #ffffff);
        --ink: var(--onrecord-ink, #1c2430); --soft: var(--onrecord-soft, #545e6c);
        --line: var(--onrecord-line, #dedbd3); --edge: #767f8b; --tint: var(--onrecord-tint, #e9edf3);
        --accent: var(--onrecord-accent, #1f3a5f); --on-accent: var(--onrecord-on-accent, #ffffff);
        --answered: #17653a; --unreleased: #8a4b00; --conflicting: #6a3296; --not_in_sources: #4a5568;
        --partial: #1b5a8f; --fault: #a1261c;
        --offset: var(--onrecord-offset, 20px); --radius: var(--onrecord-radius, 8px);
        color: var(--ink); font: 1em/1.5 var(--onrecord-font, system-ui, sans-serif); overflow-wrap: anywhere;
    }
    @media (prefers-color-scheme: dark) { .root:not([data-theme=light]) {${DARK}} }
    .root[data-theme=dark] {${DARK}}

    h2, h3, p, ul, figure, blockquote { margin: 0; padding: 0; font: inherit; list-style: none; }
    button, textarea {
        margin: 0; font: inherit; color: inherit; border: 1px solid var(--edge); border-radius: var(--radius);
    }
    button {
        min-width: 44px; min-height: 44px; padding: 8px 16px; display: inline-flex; align-items: center; gap: 10px;
        justify-content: center; background: var(--card); text-align: start; cursor: pointer;
    }
    button:hover { border-color: var(--accent); background: var(--tint); }
    button:disabled { border-color: var(--line); background: none; color: var(--soft); cursor: default; }
    .main, .main:hover { border-color: transparent; background: var(--accent); color: var(--on-accent); }
    .main { font-weight: 600; }
    .main:hover { text-decoration: underline; text-underline-offset: 3px; }
    .bare { padding: 0 12px; border-color: transparent; background: none; color: var(--soft); font-size: 0.875em; }
    .close { color: var(--ink); font-size: 1.25em; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    a { color: var(--accent); text-underline-offset: 3px; }
    .soft, figcaption, summary, .notice { color: var(--soft); font-size: 0.875em; }
    .heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    [hidden] { display: none !important; }

    .launcher, dialog {
        position: fixed; z-index: var(--onrecord-z, 2147483000); inset: auto; inset-inline-end: var(--offset);
        bottom: max(var(--offset), env(safe-area-inset-bottom)); max-width: calc(100vw - 2 * var(--offset));
        box-shadow: 0 4px 24px rgb(0 0 0 / 0.25);
    }
    [data-position=start] > :is(.launcher, dialog) { inset-inline: var(--offset) auto; }
    .launcher::before { content: ""; padding: 6px 9px; border: 2px solid; border-radius: 8px 8px 8px 0; }
    .launcher { min-height: 52px; padding: 10px 22px; border: 2px solid var(--paper) !important; border-radius: 26px; }
    .panel {
        margin: 0; padding: 0; display: flex; flex-direction: column; height: var(--onrecord-height, auto);
        background: var(--paper); color: var(--ink); border: 1px solid var(--edge); border-radius: var(--radius);
        overflow: hidden;
    }
    dialog.panel {
        width: var(--onrecord-width, 34em); height: var(--onrecord-height, 44em);
        max-height: calc(100vh - 2 * var(--offset));
    }
    dialog:not([open]) { display: none; }
    dialog::backdrop { background: none; }
    @media (prefers-reduced-motion: no-preference) {
        dialog { animation: rise 0.15s ease-out; }
        .waiting::before { animation: turn 1s linear infinite; }
        @keyframes rise { from { opacity: 0; transform: translateY(8px); } }
        @keyframes turn { to { transform: rotate(1turn); } }
    }

    .top, .composer { padding: 12px 20px; background: var(--card); border: 0 solid var(--line); }
    .top {
        display: flex; align-items: center; min-height: 60px; padding-block: 8px; padding-inline-end: 8px;
        border-bottom-width: 1px;
    }
    h2 { flex: 1; font-size: 1.125em; font-weight: 650; line-height: 1.3; }
    .log { flex: auto; min-height: 0; padding: 20px; overflow-y: auto; overscroll-behavior: contain; }
    .log:focus-visible { outline-offset: -3px; }
    .log > .soft { margin: 20px 0 8px; }
    li + li { margin-top: 8px; }
    article + article { margin-top: 28px; }
    article, h3 { scroll-margin: 16px; }
    h3 {
        width: fit-content; max-width: 88%; margin: 0 0 12px; margin-inline-start: auto; padding: 9px 14px;
        background: var(--tint); border-radius: var(--radius); white-space: pre-wrap;
    }
    .answer {
        padding: 14px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 4px;
        border-inline-start: 4px solid var(--tone, var(--line));
    }
    :is(.answer, .part) > * + *, figure + figure { margin-top: 12px; }
    .verdict { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; justify-content: space-between; }
    .outcome { color: var(--tone); font-weight: 650; }
    .part + .part, details, .help { padding-top: 8px; border-top: 1px solid var(--line); }
    :is(.direct, .open, .side) > blockquote { font-size: 1.125em; line-height: 1.45; }
    blockquote { quotes: "“" "”"; }
    blockquote::before { content: open-quote; }
    blockquote::after { content: close-quote; }
    .sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13em, 100%), 1fr)); gap: 12px; }
    .sides > li { margin: 0; padding: 10px 14px 4px; border: 1px solid var(--line); border-top: 3px solid var(--tone); }
    .replaced { padding-inline-start: 12px; border-inline-start: 3px solid var(--edge); color: var(--soft); }
    .tag { font-size: 0.875em; font-weight: 650; }
    figcaption { margin-top: 4px; }
    time { white-space: nowrap; }
    :is(figcaption, .help) a, summary { min-width: 44px; min-height: 44px; display: inline-flex; align-items: center; }
    summary { display: flex; gap: 8px; font-weight: 600; cursor: pointer; }
    summary::before { content: "+" / ""; width: 1em; font-size: 1.25em; text-align: center; }
    [open] > summary::before { content: "−" / ""; }
    .waiting { display: flex; align-items: center; gap: 10px; color: var(--soft); }
    .waiting::before { content: ""; padding: 6px; border: 2px solid; border-top-color: #0000; border-radius: 50%; }
    .fault { --tone: var(--fault); }

    .composer { border-top-width: 1px; }
    label { display: block; margin-bottom: 4px; font-size: 0.875em; font-weight: 600; }
    .row { display: flex; gap: 8px; align-items: end; }
    .row > * { min-height: 50px; }
    textarea {
        flex: 1; min-width: 0; max-height: 9em; padding: 12px; background: var(--paper); resize: none;
        field-sizing: content;
    }
    .notice { margin-top: 8px; }

    @media ${NARROW} {
        dialog.panel {
            inset: 0 !important; width: 100%; height: 100%; height: 100dvh; max-width: none; max-height: none;
            border: 0; border-radius: 0;
        }
        .log, .composer { padding: 12px; }
    }
    @media (max-height: 25em) { dialog.panel { overflow: auto; } dialog > .log { flex: none; overflow: visible; } }
    @media print { .launcher, dialog.panel { display: none; } }
    ${Object.keys(MARKS).map((name) => `[data-outcome=${name}] { --tone: var(--${name}); }`).join("\n    ")}`;

    const looks = new CSSStyleSheet();
    looks.replaceSync(LOOKS);
    const narrow = matchMedia(NARROW);

    // ------------------------------------------------------------------------------------------------ elements

    // An element with attributes, never a style or a handler, and with elements and text in it; less what is false.
    function make(name, attributes = {}, ...children) {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) if (value) made.setAttribute(key, value);
        made.append(...children.flat().filter(Boolean));
        return made;
    }

    function button(className, act, ...children) {
        const made = make("button", { type: "button", class: className }, ...children);
        made.addEventListener("click", act);
        return made;
    }

    // A string with something in place of its {placeholder}.
    function filled(text, something) {
        const [before, after = ""] = text.split(/\{\w+\}/);
        return [before, something, after];
    }

    // Text as one line, without controls and signs that reorder: as show.py has it.
    const plain = (text) =>
        String(text ?? "").replace(/\s+/g, " ").replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "").trim();

    // An address, or null where it cannot be read.
    function address(text, from) {
        try {
            return new URL(text, from);
        } catch {
            return null;
        }
    }

    // ------------------------------------------------------------------------------------------------ an answer

    // A greeting or the like. It rests on no source, so it is shown without an outcome.
    const isFixed = ({ outcome, segments }) => outcome === "answered" && !segments.some((s) => s.citations.length);
    const isRefusal = ({ outcome }) => REFUSALS.includes(outcome);

    // Makes elements of answers: `say` gives a string, `leads` where a link may lead, `help` what is offered otherwise.
    class View {
        constructor(by) {
            Object.assign(this, by);
        }

        // What is read aloud.
        spoken(answer) {
            const said = answer.segments.map(({ text }) => plain(text)).join(" ");
            return isFixed(answer) ? said : `${this.#word(answer.outcome)}. ${said}`;
        }

        shown(answer) {
            const { say } = this;
            const { outcome, segments, citations, related = [], as_of } = answer;
            const fixed = isFixed(answer);
            const rest = new Set(citations); // not shown in a part
            const parts = this.#parts(segments).map((part) => this.#part(part, answer, fixed, rest));
            const understood = plain(answer.standalone_question);
            return make("div", { class: "answer", "data-outcome": !fixed && outcome },
                !fixed && make("div", { class: "verdict" },
                    this.#outcome(outcome),
                    as_of && make("p", { class: "soft" }, filled(say("asOf"), this.#day(as_of))),
                ),
                understood !== plain(answer.question) &&
                    make("p", { class: "soft" }, filled(say("understood"), make("bdi", {}, understood))),
                parts,
                [...rest].map((each) => this.#figure(each.quote, each)),
                related.length > 0 && make("details", { open: !citations.length && "open" },
                    make("summary", {}, say("related")),
                    make("ul", {}, related.map((each) => make("li", {}, this.#figure(each.quote, each, "beside")))),
                ),
                (isRefusal(answer) || segments.some(isRefusal)) && this.help(),
            );
        }

        #word(outcome) {
            return this.say(outcome.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())) || outcome;
        }

        #outcome(outcome) {
            const mark = make("span", { "aria-hidden": "true" }, MARKS[outcome] ?? "•");
            return make("p", { class: "outcome" }, mark, " ", this.#word(outcome));
        }

        #parts(segments) {
            const parts = [];
            for (const segment of segments) {
                if (parts.at(-1)?.[0].part === segment.part) parts.at(-1).push(segment);
                else parts.push([segment]);
            }
            return parts;
        }

        // A part of an answer, headed by its own outcome where those differ. What it quotes is taken out of `rest`.
        #part(segments, answer, fixed, rest) {
            const { outcome } = segments[0];
            const made = make("div", { class: "part", "data-outcome": !fixed && outcome });
            if (answer.outcome === "partial") made.append(this.#outcome(outcome));
            const sides = make("ul", { class: "sides" });
            for (const { role, text, citations } of segments) {
                const citation = answer.citations.find(({ n }) => n === citations[0]);
                if (role === "notice" || (citation && citation.quote !== text)) {
                    const numbers = citations.map((n) => make("span", { class: "soft" }, ` [${n}]`));
                    made.append(make("p", { dir: "auto", lang: this.lang }, plain(text), numbers));
                    continue;
                }
                const figure = this.#figure(text, citation, role);
                rest.delete(citation);
                if (outcome !== "conflicting" || role === "context") {
                    made.append(figure);
                    continue;
                }
                sides.append(make("li", {}, figure));
                if (!sides.parentNode) made.append(sides);
            }
            return made;
        }

        // A source's sentence and, once known, who said so.
        #figure(text, citation, role) {
            const quote = make("blockquote", { dir: "auto", lang: this.lang }, plain(text));
            const tag = role === "replaced" && make("p", { class: "tag" }, this.say(role));
            const figure = make("figure", { class: role }, tag, quote);
            if (!citation) return figure;
            const title = this.#title(citation);
            const who = citation.publisher ? make("bdi", {}, plain(citation.publisher)) : title;
            const label = make("div", {},
                role !== "beside" && `[${citation.n}] `,
                citation.brief ? filled(this.say("brief"), who) : who, ", ",
                citation.published ? this.#day(citation.published) : this.say("undated"),
            );
            figure.append(make("figcaption", {}, label, who !== title && make("div", {}, title)));
            return figure;
        }

        #title({ title, link, url }) {
            const href = this.leads(link) || this.leads(url);
            const cite = make("cite", { dir: "auto", lang: this.lang }, plain(title));
            if (!href) return cite;
            const aside = make("span", { class: "heard" }, ` (${this.say("newTab")})`);
            return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, cite, aside);
        }

        #day(date) {
            return make("time", { dir: "ltr" }, plain(date)); // from left to right wherever it stands
        }
    }

    // ------------------------------------------------------------------------------------------------ the server

    // Why there is no answer. `kind` is the name of a string.
    class Fault extends Error {
        constructor(kind, about) {
            super(kind);
            Object.assign(this, { kind, ...about });
        }
    }

    // The events of a stream, as [name, data].
    async function* events(body) {
        const reader = body.getReader(), decoder = new TextDecoder();
        let rest = "";
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
            rest = blocks.pop();
            for (const block of blocks) {
                const [, name, data] = /^event: (.*?)\ndata: (.*)$/s.exec(block) ?? [];
                if (name) yield [name, JSON.parse(data)];
            }
        }
    }

    // The body of a request, with as much of what was asked before as may be sent.
    function requested(question, turns) {
        const history = turns
            .filter(({ answer }) => answer && !isFixed(answer))
            .map((turn) => ({ question: turn.question, answer: turn.answer.text.slice(0, MOST_ANSWER) }))
            .slice(-MOST_HISTORY);
        for (;;) {
            const body = JSON.stringify({ question, history });
            if (!history.length || new TextEncoder().encode(body).length < MOST_SENT) return body;
            history.shift();
        }
    }

    // The whole answer; `show` is given what has come so far. Throws a Fault.
    async function answered(url, body, signal, show) {
        let reply, some;
        try {
            reply = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
            const { ok, status, headers } = reply;
            if (!ok) {
                const { error } = await reply.json().catch(() => ({}));
                const wait = Math.min(Number(headers.get("retry-after")) || 0, 3_600);
                throw new Fault(FAULTS[status] ?? "failed", { status, wait, code: error?.code });
            }
            for await (const [name, data] of events(reply.body)) {
                if (name === "done") return data;
                if (name === "outcome") some = { ...data, segments: [], citations: [] };
                else some[`${name}s`]?.push(data);
                show(some);
            }
            throw new Fault("broken");
        } catch (error) {
            if (signal.aborted) throw signal.reason;
            if (error instanceof Fault) throw error;
            throw new Fault(reply ? "broken" : navigator.onLine ? "unreachable" : "offline");
        }
    }

    // ------------------------------------------------------------------------------------------------ memory

    // What the tab keeps.
    function recalled(key) {
        try {
            const kept = JSON.parse(sessionStorage.getItem(key));
            return kept.version === VERSION ? kept : {};
        } catch {
            return {};
        }
    }

    function keep(key, turns, rest) {
        let text;
        do text = JSON.stringify({ version: VERSION, turns, ...rest });
        while (text.length > MOST_KEPT && turns.length && (turns = turns.slice(1)));
        try {
            sessionStorage.setItem(key, text);
        } catch {
            // Blocked or full: it lasts as long as the page.
        }
    }

    // ------------------------------------------------------------------------------------------------ the element

    class OnRecord extends HTMLElement {
        static place = place;
        #options = {};
        #turns = []; // { question, answer } or { question, fault }; under way { question, some, slow }
        #articles = new Map(); // turn -> its element
        #asking = null; // what stops the question under way
        #open = false;
        #opener = null; // what had the focus before
        #ui = null;

        constructor() {
            super();
            this.attachShadow({ mode: "open" }).adoptedStyleSheets = [looks];
            // The page's shortcuts must not take these keys.
            for (const type of ["keydown", "keypress", "keyup"]) {
                this.shadowRoot.addEventListener(type, (event) => event.stopPropagation());
            }
            new MutationObserver((changes) => {
                const ours = changes.some((change) => /^(data-|lang$|dir$)/.test(change.attributeName));
                if (ours && this.#ui) this.#build();
            }).observe(this, { attributes: true });
        }

        connectedCallback() {
            narrow.addEventListener("change", this.#refit);
            addEventListener("pageshow", this.#back);
            if (this.#ui) return; // it was moved
            const { options } = this;
            delete this.options; // where it was set before this script ran
            this.#options = { ...options };
            const { turns = [], open, draft = "" } = recalled(this.#key);
            this.#open = Boolean(open) && !narrow.matches; // there it would cover the page that was gone to
            try {
                for (const turn of turns) if (!turn.answer) turn.fault ??= { kind: "stopped" };
                this.#turns = turns;
                this.#build(draft);
            } catch {
                this.#turns = []; // kept by a version that had it otherwise
                this.#build(draft);
            }
        }

        disconnectedCallback() {
            narrow.removeEventListener("change", this.#refit);
            removeEventListener("pageshow", this.#back);
            queueMicrotask(() => this.isConnected || this.#stop());
        }

        // The same as data-*, and before those.
        get options() {
            return { ...this.#options };
        }

        set options(options) {
            this.#options = { ...options };
            if (this.#ui) this.#build();
        }

        // Opens the panel of a launcher, and puts the focus into it.
        open() {
            if (!this.#isLauncher || this.#open || !this.#tell("open", {}, true)) return;
            this.#opener = this.shadowRoot.activeElement ?? document.activeElement;
            this.#show(true);
            (narrow.matches ? this.#ui.log : this.#ui.text).focus({ preventScroll: true });
        }

        // Closes it, and gives the focus back. A question under way goes on.
        close() {
            if (!this.#isLauncher || !this.#open || !this.#tell("close", {}, true)) return;
            const inside = this.shadowRoot.activeElement;
            this.#show(false);
            const back = this.#opener?.isConnected && this.#opener.matches(":not(body)") && this.#opener;
            if (inside) (back || this.#ui.launcher).focus();
        }

        // Forgets the conversation.
        clear() {
            const inside = this.shadowRoot.activeElement;
            this.#stop();
            this.#asking = null;
            this.#turns = [];
            this.#list();
            this.#announce("");
            if (inside) this.#ui.text.focus();
        }

        // Asks, and gives the answer; or null where there is none, which is shown.
        async ask(question) {
            question = String(question ?? "").trim().slice(0, MOST_QUESTION);
            if (!question || this.#asking || !this.#ui) return null;
            this.open();
            const turn = { question };
            const body = requested(question, this.#turns);
            const asking = (this.#asking = new AbortController());
            this.#turns = [...this.#turns, turn].slice(-MOST_TURNS);
            this.#list();
            this.#announce("");
            this.#read(turn);
            const slow = setTimeout(() => {
                turn.slow = true;
                this.#draw(turn);
                this.#announce(this.#say("slow"));
            }, SLOW);
            const late = setTimeout(() => this.#stop("late"), 1_000 * this.#get("timeout") || LATE);
            try {
                turn.answer = await answered(new URL("api/ask/stream", this.#server), body, asking.signal, (some) => {
                    turn.some = { ...some, question };
                    this.#draw(turn);
                });
            } catch ({ kind = "failed", status, code, wait }) {
                turn.fault = { kind, status, code, until: wait && Date.now() + 1_000 * wait };
            }
            clearTimeout(slow);
            clearTimeout(late);
            if (this.#asking === asking) this.#asking = null;
            this.#busy();
            if (this.#turns.includes(turn)) this.#settle(turn);
            return turn.answer ?? null;
        }

        // ---------------------------------------------------------------- what is set

        get #isLauncher() {
            return (this.#options.placement ?? this.dataset.placement) === "launcher";
        }

        get #server() {
            return new URL((this.#get("server") ?? ".").replace(/\/*$/, "/"), script?.src || location);
        }

        get #key() {
            return `onrecord:${this.#server}${this.id}`;
        }

        #get(name) {
            return this.#options[name] ?? this.dataset[name] ?? given[name];
        }

        #say(name) {
            return this.#get(name) ?? (STRINGS[base(this.#lang)] ?? STRINGS.en)[name] ?? "";
        }

        // The language asked for; or the page's, where there are strings in it.
        get #lang() {
            const { lang } = this.closest("[lang]") ?? document.documentElement;
            return this.#get("lang") || (base(lang) in STRINGS ? lang : "en");
        }

        // The direction asked for; or that of the language asked for; or the page's.
        get #dir() {
            const { dir } = this.closest("[dir]") ?? document.documentElement;
            const wanted = this.#get("dir") || this.dir || (!this.#get("lang") && dir);
            return /^(ltr|rtl)$/.test(wanted) ? wanted : isRightToLeft(this.#lang) ? "rtl" : "ltr";
        }

        get #view() {
            return new View({
                say: (name) => this.#say(name),
                leads: (link) => this.#leads(link),
                help: () => this.#help(),
                lang: this.#get("sourcesLang"),
            });
        }

        // Where a citation leads: to the web, or to a page of the server. A source may claim any address.
        #leads(link) {
            const url = /^(https?:\/)?\//i.test(link) && address(link, this.#server);
            return url && (link[0] !== "/" || url.origin === this.#server.origin) ? url.href : "";
        }

        // ---------------------------------------------------------------- what is shown

        // What a reader has at hand stays.
        #build(draft) {
            const launched = this.#isLauncher, focused = this.shadowRoot.activeElement;
            const { text, live, log, panel } = this.#ui ?? {}, top = log?.scrollTop, modal = panel?.matches(":modal");
            const title = this.#say("title"), notice = this.#get("notice");
            const ui = (this.#ui = {});
            ui.launcher = button("launcher main", () => this.open(), title);
            ui.launcher.setAttribute("aria-haspopup", "dialog");
            ui.clear = button("bare", () => this.clear(), this.#say("clear"));
            const close = button("bare close", () => this.close(), "✕");
            close.setAttribute("aria-label", this.#say("close"));
            ui.log = make("div", { class: "log", role: "group", tabindex: "0", "aria-labelledby": "title" });
            ui.live = live ?? make("div", { class: "heard", role: "status" });
            ui.text = text ?? this.#field(draft);
            ui.send = button("main", ({ detail }) => {
                if (detail < 2) this.#asking ? this.#stop() : this.#send(); // no double click
            });
            ui.panel = make(launched ? "dialog" : "section", { class: "panel", "aria-labelledby": "title" },
                make("div", { class: "top" }, make("h2", { id: "title" }, title), ui.clear, launched && close),
                ui.log,
                ui.live,
                make("div", { class: "composer" },
                    make("label", { for: "question" }, this.#say("question")),
                    make("div", { class: "row" }, ui.text, ui.send),
                    notice && make("p", { class: "notice" }, notice),
                ),
            );
            const leave = (event) => {
                event.preventDefault();
                this.close();
            };
            ui.panel.addEventListener("cancel", leave);
            ui.panel.addEventListener("close", () => {
                if (this.#open && !ui.panel.open) this.#show(false); // by the browser
            });
            ui.panel.addEventListener("keydown", (event) => {
                if (event.key === "Escape" && !event.isComposing && launched) leave(event);
            });
            const look = { "data-theme": this.#get("theme"), "data-position": this.#get("position") };
            const root = make("div", { class: "root", lang: this.#lang, dir: this.#dir, ...look });
            root.append(...(launched ? [ui.launcher] : []), ui.panel);
            this.shadowRoot.replaceChildren(root);
            this.#articles = new Map();
            this.#list();
            if (launched) this.#show(this.#open, modal);
            if (focused) ui.text.focus();
            ui.log.scrollTop = top;
        }

        #field(draft) {
            const text = make("textarea", { id: "question", rows: 1, maxlength: MOST_QUESTION, dir: "auto" });
            text.value = draft;
            text.addEventListener("input", () => this.#keep());
            text.addEventListener("keydown", (event) => {
                if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
                event.preventDefault();
                if (!this.#asking) this.#send();
            });
            return text;
        }

        // Modal where it covers the page. That moves the focus, as only readers may.
        #show(open, moving = open) {
            const { panel, launcher } = this.#ui;
            if (panel.open) panel.close();
            if (moving && narrow.matches) panel.showModal();
            else panel.open = open;
            launcher.hidden = this.#open = open;
            this.#keep();
        }

        // The page became narrow or wide.
        #refit = () => {
            const inside = this.shadowRoot.activeElement;
            if (!this.#isLauncher || !this.#open) return;
            this.#show(true, Boolean(inside));
            inside?.focus();
        };

        // Back on a page that the browser kept: another may have gone on.
        #back = ({ persisted }) => {
            if (!persisted || this.#asking) return;
            this.#ui = null;
            this.connectedCallback();
        };

        #list() {
            const { log, clear } = this.#ui, known = this.#articles;
            clear.hidden = !this.#turns.length;
            this.#articles = new Map(this.#turns.map((turn) => [turn, known.get(turn) ?? make("article")]));
            for (const turn of this.#turns) if (!known.has(turn)) this.#draw(turn);
            log.replaceChildren(...(this.#turns.length ? this.#articles.values() : this.#welcome()));
            this.#busy();
            this.#keep();
        }

        #welcome() {
            const wanted = this.#get("starters") ?? [];
            const starters = (Array.isArray(wanted) ? wanted : wanted.split(/[|\n]/)).map(plain).filter(Boolean);
            const asked = (starter) => button("", () => this.#start(starter), make("span", { dir: "auto" }, starter));
            return [
                make("p", { class: "intro" }, this.#say("intro")),
                starters.length && make("p", { class: "soft" }, this.#say("examples")),
                make("ul", {}, starters.map((starter) => make("li", {}, asked(starter)))),
            ].filter(Boolean);
        }

        #draw(turn) {
            const { question, answer, some, fault, slow } = turn;
            this.#articles.get(turn)?.replaceChildren(
                make("h3", {}, make("span", { dir: "auto" }, question)),
                fault ? this.#fault(turn)
                : answer || some ? this.#view.shown(answer ?? some)
                : make("p", { class: "waiting" }, this.#say(slow ? "slow" : "searching")),
            );
        }

        // What went wrong and, where that may help, a way to try again.
        #fault(turn) {
            const { kind, until = 0 } = turn.fault;
            const retry = button("", () => this.#retry(turn));
            const count = () => {
                const left = Math.ceil((until - Date.now()) / 1_000);
                retry.disabled = left > 0;
                retry.replaceChildren(...(left > 0 ? filled(this.#say("retryIn"), left) : [this.#say("retry")]));
                if (left > 0) setTimeout(count, 500);
            };
            count();
            const why = make("p", {}, this.#say(kind));
            return make("div", { class: "answer fault" }, why, !FINAL.includes(kind) && retry, this.#help());
        }

        #help() {
            const url = address(this.#get("contact") || "//", document.baseURI);
            if (!/^(https?|mailto|tel):$/.test(url?.protocol)) return null;
            return make("p", { class: "help" }, make("a", { href: url.href }, this.#say("contactLabel")));
        }

        #busy() {
            this.#ui.send.textContent = this.#say(this.#asking ? "stop" : "ask");
        }

        #announce(text) {
            this.#ui.live.textContent = text;
        }

        // An answer is read from its beginning.
        #read(turn) {
            const article = this.#articles.get(turn);
            for (const each of [article, article.firstChild]) each.scrollIntoView({ block: "nearest" });
        }

        // ---------------------------------------------------------------- what is done

        #send() {
            const { text } = this.#ui;
            const question = text.value;
            if (!question.trim()) return;
            text.value = "";
            this.ask(question);
        }

        // From a button that goes away.
        #start(question) {
            this.ask(question);
            this.#ui.log.focus();
        }

        #retry(turn) {
            if (this.#asking) return;
            this.#turns = this.#turns.filter((other) => other !== turn);
            this.#start(turn.question);
        }

        #stop(kind = "stopped") {
            this.#asking?.abort(new Fault(kind));
        }

        // What a question came to: shown, kept, read aloud once, and told to the page.
        #settle(turn) {
            const { question, answer, fault } = turn;
            const { text } = this.#ui, { top, bottom } = this.#articles.get(turn).getBoundingClientRect();
            this.#draw(turn);
            if (bottom > 0 && top < innerHeight) this.#read(turn); // unless a reader has left it
            if (fault && FINAL.includes(fault.kind)) text.value ||= question;
            this.#announce(fault ? this.#say(fault.kind) : this.#view.spoken(answer));
            this.#keep();
            if (fault) return this.#tell("error", { question, ...fault });
            const about = { question, outcome: answer.outcome, answer };
            if (!isFixed(answer)) this.#tell(isRefusal(answer) ? "refusal" : "answer", about);
        }

        #keep() {
            const turns = this.#turns.map(({ question, answer, fault }) => ({ question, answer, fault }));
            keep(this.#key, turns, { open: this.#open, draft: this.#ui.text.value });
        }

        #tell(name, detail, cancelable = false) {
            const about = { detail, cancelable, bubbles: true, composed: true };
            return this.dispatchEvent(new CustomEvent(`onrecord:${name}`, about));
        }
    }

    customElements.define("on-record", OnRecord);

    // A page without an element gets one: a launcher, or the conversation where the tag stands.
    function place() {
        if (document.readyState === "loading") return addEventListener("DOMContentLoaded", place);
        const { placement = "launcher" } = given;
        if (placement === "none" || document.querySelector("on-record")) return;
        const made = make("on-record", { "data-placement": placement });
        if (placement === "inline" && script?.closest("body")) script.after(made);
        else document.body.append(made);
    }
    place();
})();
