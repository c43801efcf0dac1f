// What is wrong with the page as it is shown now, measured on the screen and not in its style sheet: a list of complaints.
// `rules`: main, captions, atOnce (selectors); mainSide, side, gap, text, captionText, contrast, edge, lineLength (figures).
(rules) => {
  const complaints = [];
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  function over([red, green, blue, alpha], below) {
    return [red, green, blue].map((one, index) => one * alpha + below[index] * (1 - alpha));
  }

  function behind(element) {
    if (!element) return rgba(getComputedStyle(document.documentElement).colorScheme === "dark" ? "#000" : "#fff");
    const style = getComputedStyle(element);
    if (style.backgroundImage !== "none") complaints.push(`${name(element)} has a picture behind it`);
    return over(rgba(style.backgroundColor), behind(element.parentElement));
  }

  function luminance(colour) {
    const [red, green, blue] = colour.slice(0, 3).map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((first, second) => first - second);
    return (light + 0.05) / (dark + 0.05);
  }

  function opacity(element) {
    return element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  }

  function name(element) {
    return `<${element.tagName.toLowerCase()}${element.id ? ` id=${element.id}` : ""}> "${element.textContent.trim().slice(0, 40)}"`;
  }

  function isSeen(element) {
    const { width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }

  function meet(one, other, slack = 1) {
    return (
      one.left < other.right - slack &&
      other.left < one.right - slack &&
      one.top < other.bottom - slack &&
      other.top < one.bottom - slack
    );
  }

  function common(one, other) {
    const [left, right] = [Math.max(one.left, other.left), Math.min(one.right, other.right)];
    const [top, bottom] = [Math.max(one.top, other.top), Math.min(one.bottom, other.bottom)];
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  }

  const controls = [...document.querySelectorAll("button, a[href], input, select, summary, [role=button]")].filter(isSeen);

  for (const control of controls) {
    const { width, height } = control.getBoundingClientRect();
    const least = control.matches(rules.main) ? rules.mainSide : rules.side;
    if (Math.min(width, height) < least - 0.5) {
      complaints.push(`${name(control)} is ${width.toFixed(0)} x ${height.toFixed(0)} px, less than ${least}`);
    }
    const style = getComputedStyle(control);
    const around = behind(control.parentElement);
    const hasBorder = parseFloat(style.borderTopWidth) >= 2 && style.borderTopStyle !== "none";
    const edges = [behind(control), ...(hasBorder ? [over(rgba(style.borderTopColor), around)] : [])];
    const edge = Math.max(...edges.map((one) => contrast(one, around)));
    const isOff = control.ariaDisabled === "true"; // WCAG asks nothing of what cannot be pressed
    if (edge < rules.edge && !isOff) complaints.push(`${name(control)} stands out by ${edge.toFixed(1)}, less than ${rules.edge}`);
  }

  controls.forEach((one, index) => {
    for (const other of controls.slice(index + 1)) {
      const [first, second] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      const across = Math.max(0, first.left - second.right, second.left - first.right);
      const down = Math.max(0, first.top - second.bottom, second.top - first.bottom);
      const gap = Math.hypot(across, down);
      if (gap < rules.gap - 0.5) complaints.push(`${name(one)} and ${name(other)} are ${gap.toFixed(0)} px apart`);
    }
  });

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { textContent, parentElement } = walker.currentNode;
    if (textContent.trim() && !parentElement.closest("script, style, noscript, template") && isSeen(parentElement)) {
      texts.push(walker.currentNode);
    }
  }

  function scroller(element) {
    if (!element || element === document.body) return null;
    const { overflowY } = getComputedStyle(element);
    return overflowY === "auto" || overflowY === "scroll" ? element : scroller(element.parentElement);
  }

  function lines(text) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const window = scroller(text.parentElement)?.getBoundingClientRect();
    const shown = [...range.getClientRects()].map((line) => (window ? common(line, window) : line));
    return shown.filter((line) => line.width > 0 && line.height > 2);
  }

  function longestLine(text) {
    const range = document.createRange();
    const counts = new Map();
    for (let index = 0; index < text.length; index += 1) {
      range.setStart(text, index);
      range.setEnd(text, index + 1);
      const { top, width } = range.getBoundingClientRect();
      if (width > 0) counts.set(Math.round(top), (counts.get(Math.round(top)) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  }

  function hasBrokenWord(text) {
    return [...text.textContent.matchAll(/[^\s-]+/g)].some(({ 0: word, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
    });
  }

  function clipping(element) {
    if (!element || element === document.body) return null;
    const { overflowX, overflowY } = getComputedStyle(element);
    const hides = (value) => value === "hidden" || value === "clip";
    return hides(overflowX) || hides(overflowY) ? element : clipping(element.parentElement);
  }

  for (const text of texts) {
    const element = text.parentElement;
    const style = getComputedStyle(element);
    const isCaption = element.closest(rules.captions) !== null;
    const least = isCaption ? rules.captionText : rules.text;
    if (parseFloat(style.fontSize) < least) complaints.push(`${name(element)} is written in ${style.fontSize}, less than ${least}`);
    if (controls.some((control) => control.contains(element)) && hasBrokenWord(text)) {
      complaints.push(`${name(element)} has a word that is broken off`);
    }
    const ground = behind(element);
    const [red, green, blue, alpha] = rgba(style.color);
    const shown = contrast(over([red, green, blue, alpha * opacity(element)], ground), ground);
    if (shown < rules.contrast) complaints.push(`${name(element)} has a contrast of ${shown.toFixed(1)}, less than ${rules.contrast}`);
    if (isCaption && longestLine(text) > rules.lineLength) complaints.push(`${name(element)} has a line of ${longestLine(text)}`);
    const box = clipping(element)?.getBoundingClientRect();
    for (const line of lines(text)) {
      if (line.left < -1 || line.right > document.documentElement.clientWidth + 1) complaints.push(`${name(element)} goes over the edge`);
      const isCut = box && (line.left < box.left - 1 || line.right > box.right + 1 || line.top < box.top - 1 || line.bottom > box.bottom + 1);
      if (isCut) complaints.push(`${name(element)} is cut off`);
      for (const control of controls) {
        if (!control.contains(element) && meet(line, control.getBoundingClientRect())) {
          complaints.push(`${name(element)} lies under or over ${name(control)}`);
        }
      }
    }
  }

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) complaints.push(`the page is ${scrollWidth} px wide on a screen of ${clientWidth}`);
  for (const element of document.querySelectorAll(rules.atOnce)) {
    const { top, bottom } = element.getBoundingClientRect();
    if (isSeen(element) && (top < 0 || bottom > innerHeight)) complaints.push(`${name(element)} is not seen at once`);
  }
  return [...new Set(complaints)];
};
