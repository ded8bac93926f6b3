/*
 * Draws figures without a browser: what the page shows, with the title and the whole legend in the picture. Runs in a
 * JavaScript engine that has neither a document nor a clock.
 */

const WIDTH = 1000, SIDE = 18, LINE = 18;
const FONT = 'DejaVu Sans, Verdana, Helvetica Neue, Arial, sans-serif';

/** How wide a letter is, in hundredths of its size, in a wide font: with others there is room to spare. */
const LETTERS = new Map();
[[29, "'ijlIJ"], [34, ' ,./:;\\|'], [40, 'f-()[]t!r'], [53, '"*_`sz?'], [58, 'cLFkvxy'],
  [63, 'PTYaoeESbdghnpqu'], [66, '$0123456789{}K'], [70, 'AVBRXZC'], [77, 'UHNDG&'], [84, 'OQw#+<=>^~'], [100, 'M%mW@']].forEach(([hundredths, letters]) =>
  [...letters].forEach(letter => LETTERS.set(letter, hundredths)));

function textWidth(text, font) {
  const size = /([\d.]+)px/.exec(font || '');
  let hundredths = 0;
  [...String(text)].forEach(letter => { hundredths += LETTERS.get(letter) || 100; });
  return hundredths / 100 * (size ? Number(size[1]) : 12) * (/bold|[6-9]00/.test(font || '') ? 1.12 : 1);
}

function setTimeout() { return 0; }
function clearTimeout() {}

echarts.setPlatformAPI({measureText: (text, font) => ({width: textWidth(text, font)})});

/** Text in lines that are not wider than a picture. */
function wrapped(text, font) {
  const lines = [];
  text.split(' ').forEach(word => {
    const last = lines.length - 1;
    if (last >= 0 && textWidth(lines[last] + ' ' + word, font) <= WIDTH - 2 * SIDE) lines[last] += ' ' + word;
    else lines.push(word);
  });
  return lines;
}

/** The page's colours on white paper. */
function onPaper(css) {
  const c = {width: WIDTH, printed: true};
  css.slice(css.indexOf('{'), css.indexOf('}')).replace(/--([a-z]+): ([^;]+);/g, (all, name, value) => {
    c[name] = value;
  });
  return c;
}

/** A legend that shows all its entries, in as many lines as they need, and the height of these. */
function wholeLegend(option, top) {
  const names = [...new Set(option.legend.data || option.series.map(s => s.name))];
  const entry = name => shorten(name, 44);
  const room = WIDTH - 2 * SIDE, gap = 14, icon = 30;
  let lines = 1, used = 0;
  names.forEach(name => {
    const width = icon + textWidth(entry(name), '12px');
    if (used > 0 && used + width > room) {
      lines++;
      used = 0;
    }
    used += width + gap;
  });
  return {height: lines * 28, legend: {...option.legend, selected: {}, type: 'plain', top, left: SIDE, width: room,
    itemGap: gap, padding: 0, borderColor: 'none', formatter: entry}};
}

/** Text as XML has it; what XML cannot hold becomes a question mark. */
const xml = text => String(text).replace(/[&<>"']/g, c => '&#' + c.charCodeAt(0) + ';')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\ud800-\udfff]/g, '?');

/** ECharts' drawing as text. ECharts 5.3 writes names into it as they are, markup and all; here they are text. */
function written({tag, attrs, text, children}) {
  const all = Object.keys(attrs).filter(name => attrs[name] !== false && attrs[name] !== undefined && attrs[name] !== null)
      .map(name => ' ' + name + '="' + xml(attrs[name]) + '"').join('');
  return '<' + tag + all + '>' + xml(text || '') + (children || []).map(written).join('\n') + '</' + tag + '>';
}

/** A figure as SVG. */
function picture(figure, c) {
  const option = dressed(figure.option(c), c);
  const title = wrapped(shorten(figure.title, 160), 'bold 17px'), note = figure.note ? wrapped(figure.note, '12px') : [];
  let top = SIDE + title.length * 22 + (note.length ? 6 + note.length * LINE : 0) + 12;
  if (option.legend && option.legend.show !== false) {
    const whole = wholeLegend(option, top);
    option.legend = whole.legend;
    top += whole.height;
  }
  const zoom = (option.dataZoom || []).length ? 26 : 0;
  const grid = {...option.grid, top: top + ([option.yAxis].flat().some(axis => axis.name) ? 30 : 14), left: option.grid.left + SIDE - 8, right: option.grid.right + SIDE - 8,
    bottom: option.grid.bottom - zoom + 10};
  const height = figure.height + grid.top - option.grid.top + grid.bottom - option.grid.bottom;
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: WIDTH, height});
  chart.setOption({...option, grid, dataZoom: [], tooltip: {show: false}, backgroundColor: '#ffffff',
    textStyle: {color: c.ink, fontFamily: FONT},
    title: {text: title.join('\n'), subtext: note.join('\n'), left: SIDE, top: SIDE, padding: 0, itemGap: 6, borderColor: 'none',
      textStyle: {color: c.ink, fontSize: 17, lineHeight: 22}, subtextStyle: {color: c.soft, fontSize: 12, lineHeight: LINE}},
    series: option.series.map(s => ({...s, progressive: 0, ...(s.type === 'line' && s.data.length > 40 ? {showSymbol: false} : {})}))});
  const svg = written(chart.getZr().painter.renderToVNode({compress: true, useViewBox: true}));
  chart.dispose();
  return {kind: figure.kind, of: figure.of, width: WIDTH, height, svg};
}

/** All pictures of a page's data, of which each profile is also compared with the first. */
function pictures(json, css) {
  const data = JSON.parse(json);
  const moved = data.profiles.slice(1).map(p => changeFigure(data.profiles[0], p)).filter(Boolean);
  const c = onPaper(css);
  return JSON.stringify([...figures(data), ...moved].map(figure => picture(figure, c)));
}
