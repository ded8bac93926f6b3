const charts = [];

/** A figure's plot. It is drawn when it comes into sight, and again when its size or the colours change. */
function plot(figure) {
  giveUpGone();
  const host = el('div', {class: 'chart', role: 'img', 'aria-label': figure.name});
  host.style.height = figure.height + 'px';
  const chart = {host, figure, instance: null};
  charts.push(chart);
  if (figure.still) host.setAttribute('aria-hidden', 'true');
  else readByKeys(chart);
  new ResizeObserver(() => {
    if (!host.clientWidth) return;
    if (chart.instance) chart.instance.resize();
    else redraw(chart);
  }).observe(host);
  return host;
}

/** Shows another figure in a plot. Where it is of the same kind, and not fresh, the zoom and the pointer stay. */
function replot(host, figure, fresh = false) {
  const chart = charts.find(one => one.host === host);
  chart.figure = figure;
  const height = figure.height + 'px';
  if (host.style.height !== height) {
    host.style.height = height;
    if (chart.instance) chart.instance.resize();
  }
  redraw(chart, !fresh);
}

function redraw(chart, keep = false) {
  if (!chart.host.clientWidth) return;
  const fresh = !keep || !chart.instance;
  if (!chart.instance) {
    chart.instance = echarts.init(chart.host, null, {renderer: 'canvas'});
    if (chart.figure.made) chart.figure.made(chart.instance);
  }
  const c = {width: chart.host.clientWidth, fresh};
  for (const name of ['ink', 'soft', 'line', 'card', 'accent', 'weight', 'up', 'down', 'mark', 'zero', 'full']) {
    c[name] = cssColor('--' + name);
  }
  chart.instance.setOption(dressed(chart.figure.option(c), c), fresh || {replaceMerge: ['series']});
}

const redrawAll = () => charts.forEach(chart => chart.instance && redraw(chart, true));

/** Plots that were part of the page and no longer are. */
function giveUpGone() {
  for (const chart of charts.filter(one => one.instance && !one.host.isConnected)) {
    chart.instance.dispose();
    charts.splice(charts.indexOf(chart), 1);
  }
}

/** Left and right, Home and End read a plot's points one by one, as the pointer does. */
function readByKeys(chart) {
  let at = -1;
  fill(chart.host, {tabindex: 0, onkeydown: e => {
    const step = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity}[e.key];
    const series = step && chart.instance ? chart.instance.getOption().series[0] : null;
    if (!series || !series.data || !series.data.length) return;
    e.preventDefault();
    const end = series.data.length - 1;
    at = Math.max(0, Math.min(end, (at < 0 ? end + 1 : at) + step));
    chart.instance.dispatchAction({type: 'showTip', seriesIndex: 0, dataIndex: at});
    const told = chart.host.querySelector('.tip');
    if (told) byId('heard').textContent = [...told.children].map(line => line.textContent).join(', ');
  }, onblur: () => {
    at = -1;
    if (chart.instance) chart.instance.dispatchAction({type: 'hideTip'});
  }}, []);
}

/** A tooltip made of text. */
function tip(head, ...lines) {
  return el('div', {class: 'tip'}, el('b', {}, head), lines.flat().filter(Boolean).map(line => el('div', {}, line)));
}

/** A figure under its title. */
function figureCard(figure) {
  const note = [figure.note, figure.hint].filter(Boolean).join(' ');
  return el('div', {class: 'card'}, el('h2', {}, figure.title), note ? el('p', {class: 'note'}, note) : null, plot(figure));
}
