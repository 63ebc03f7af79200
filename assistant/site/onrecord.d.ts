// Types of <on-record>, the element that embed.js defines. See docs/embedding.md.

/** Words of the element's own, each of which can be replaced. `asOf`, `understood`, `brief` and `retryIn` hold a {placeholder}. */
export interface OnRecordStrings {
    title: string;
    intro: string;
    examples: string;
    question: string;
    ask: string;
    stop: string;
    clear: string;
    close: string;
    searching: string;
    slow: string;
    answered: string;
    unreleased: string;
    conflicting: string;
    notInSources: string;
    partial: string;
    asOf: string;
    understood: string;
    brief: string;
    undated: string;
    replaced: string;
    related: string;
    newTab: string;
    contactLabel: string;
    retry: string;
    retryIn: string;
    offline: string;
    unreachable: string;
    broken: string;
    busy: string;
    late: string;
    stopped: string;
    failed: string;
    refused: string;
    forbidden: string;
}

/** What can be set. As attributes the same: `sourcesLang` is `data-sources-lang`. */
export interface OnRecordOptions extends Partial<OnRecordStrings> {
    placement?: "launcher" | "inline";
    position?: "start" | "end";
    theme?: "auto" | "light" | "dark";
    lang?: string;
    dir?: "ltr" | "rtl";
    sourcesLang?: string;
    /** Questions to begin with; in one string, between | signs. */
    starters?: string | string[];
    notice?: string;
    /** Where who is not helped may turn: an address, also mailto: or tel:. */
    contact?: string;
    /** How many seconds an answer may take. */
    timeout?: number | string;
    /** The server, where it is not the one that the script comes from. */
    server?: string;
}

export type OnRecordOutcome = "answered" | "unreleased" | "conflicting" | "not_in_sources" | "partial";

export interface OnRecordCitation {
    n: number;
    source: string;
    title: string;
    publisher: string;
    published: string;
    kind: string;
    brief: boolean;
    url: string;
    link: string;
    quote: string;
    start: number;
    end: number;
    context_start: number;
    context_end: number;
}

export interface OnRecordSegment {
    text: string;
    citations: number[];
    outcome: OnRecordOutcome;
    role: "direct" | "context" | "side" | "open" | "replaced" | "notice";
    part: number;
}

export interface OnRecordAnswer {
    question: string;
    standalone_question: string;
    outcome: OnRecordOutcome;
    segments: OnRecordSegment[];
    text: string;
    citations: OnRecordCitation[];
    related: OnRecordCitation[];
    as_of: string | null;
    generation: string;
}

export interface OnRecordAnswerDetail {
    question: string;
    outcome: OnRecordOutcome;
    answer: OnRecordAnswer;
}

export interface OnRecordErrorDetail {
    question: string;
    kind: "offline" | "unreachable" | "broken" | "busy" | "late" | "stopped" | "failed" | "refused" | "forbidden";
    /** Of the reply, where there was one. */
    status?: number;
    code?: string;
    /** When it may be asked again, in milliseconds since 1970. */
    until?: number;
}

export interface OnRecordElement extends HTMLElement {
    options: OnRecordOptions;
    open(): void;
    close(): void;
    clear(): void;
    ask(question: string): Promise<OnRecordAnswer | null>;
}

export interface OnRecordEventMap {
    "onrecord:answer": CustomEvent<OnRecordAnswerDetail>;
    "onrecord:refusal": CustomEvent<OnRecordAnswerDetail>;
    "onrecord:error": CustomEvent<OnRecordErrorDetail>;
    "onrecord:open": CustomEvent<Record<string, never>>;
    "onrecord:close": CustomEvent<Record<string, never>>;
}

declare global {
    interface HTMLElementTagNameMap {
        "on-record": OnRecordElement;
    }
    interface HTMLElementEventMap extends OnRecordEventMap {}
    interface DocumentEventMap extends OnRecordEventMap {}
}
