/** Questions to a page, as JavaScript that runs in it: the project's own code knows no browser. */

/** Opens whatever can be opened. */
export const openAll = `for (const each of document.querySelectorAll("details")) each.open = true;`;

/** Texts whose contrast with their ground is less than 4.5 to 1 (WCAG 2.2, 1.4.3), with the contrast. */
export const poorContrasts = `(() => {
  const parsed = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { channels: [red, green, blue], alpha };
  };
  const groundOf = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { channels, alpha } = parsed(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return channels;
      if (alpha > 0) throw new Error("a ground that shines through: " + each.className);
    }
    throw new Error("no ground");
  };
  const luminance = (channels) => {
    const [red, green, blue] = channels
      .map((channel) => channel / 255)
      .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const isTextOf = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  const texts = [...document.body.querySelectorAll("*")].filter(isTextOf).filter((element) => element.tagName !== "STYLE");
  const contrasts = texts.map((element) => {
    const [lighter, darker] = [parsed(getComputedStyle(element).color).channels, groundOf(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    return [element.textContent.slice(0, 40), (lighter + 0.05) / (darker + 0.05)];
  });
  return { texts: texts.length, poor: contrasts.filter(([, contrast]) => contrast < 4.5) };
})()`;

/** The names of all elements and attributes. */
export const vocabulary = `(() => {
  const elements = [...document.querySelectorAll("*")];
  return {
    elements: [...new Set(elements.map((element) => element.localName))].sort(),
    attributes: [...new Set(elements.flatMap((element) => element.getAttributeNames()))].sort(),
  };
})()`;

/** Touches everything the way a person could. */
export const touchAll = `(() => {
  for (const element of document.querySelectorAll("*")) {
    for (const type of ["mouseover", "mouseenter", "mousemove", "pointerdown", "mouseup", "keydown", "animationstart", "toggle", "error", "load"]) {
      element.dispatchEvent(new Event(type, { bubbles: true }));
    }
    element.focus?.();
  }
})()`;

/** What is wider than the window. */
export const overflowing = `(() => {
  const width = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5)
    .map((element) => element.localName + "." + element.className)
    .concat(document.documentElement.scrollWidth > width ? ["the page"] : []);
})()`;
