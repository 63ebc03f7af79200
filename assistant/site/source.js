// Marks the stretch of a source that the address ends with, #start-end, and shows it. Its offsets count characters (code
// points) of the source's text, of which each block says at which it begins (data-start). Strings count UTF-16 units
// here, so that an emoji is one there and two here. Without this file the page is whole, but for the mark.

const beginning = (block) => Number(block.dataset.start);

// How many units the first characters of a text take.
function units(text, characters) {
    let at = 0;
    for (let left = characters; left > 0 && at < text.length; left--) at += text.codePointAt(at) > 0xffff ? 2 : 1;
    return at;
}

function length(text) {
    let characters = 0;
    for (const _ of text) characters++;
    return characters;
}

// The pieces of text in a block that are the source's own: all but the reasons why some was left out.
function pieces(block) {
    const ours = (node) => (node.className === "reason" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, ours);
    const found = [];
    while (walker.nextNode()) if (walker.currentNode.nodeType === Node.TEXT_NODE) found.push(walker.currentNode);
    return found;
}

// Marks the characters from start to end of a block.
function markIn(block, start, end) {
    let at = 0;
    for (const piece of pieces(block)) {
        const next = at + length(piece.data);
        if (at < end && start < next) {
            const range = document.createRange();
            range.setStart(piece, units(piece.data, start - at));
            range.setEnd(piece, units(piece.data, end - at));
            range.surroundContents(document.createElement("mark"));
        }
        at = next;
    }
}

function unmark() {
    for (const mark of document.querySelectorAll("mark")) {
        const parent = mark.parentNode;
        mark.replaceWith(...mark.childNodes);
        parent.normalize();
    }
}

function markWhatIsAsked() {
    unmark();
    const [, start, end] = (/^#(\d{1,9})-(\d{1,9})$/.exec(location.hash) ?? []).map(Number);
    if (!(start < end)) return;
    const blocks = [...document.querySelectorAll("[data-start]")];
    const first = blocks.findLastIndex((block) => beginning(block) <= start);
    for (const block of blocks.slice(Math.max(first, 0))) {
        if (beginning(block) >= end) break;
        markIn(block, start - beginning(block), end - beginning(block));
    }
    const mark = document.querySelector("mark");
    if (!mark) return;
    mark.tabIndex = -1; // where reading aloud and the Tab key go on from
    mark.focus({ preventScroll: true });
    mark.scrollIntoView();
}

addEventListener("hashchange", markWhatIsAsked);
markWhatIsAsked();
