const data = JSON.parse(document.getElementById('data').textContent);

const VIEWS = [
  ['overview', 'Overview', showOverview, () => true],
  ['graph', 'Graph', showGraph, () => data.graphs.length > 0],
  ['tables', 'Tables', showTables, () => data.tables.length + data.profiles.length + data.searches.length > 0],
  ['plots', 'Plots', view => view.append(...figures(data).map(figureCard)), () => data.profiles.length + data.searches.length + data.series.length + data.sweeps.length > 0],
  ['compare', 'Comparison', showCompare, () => data.profiles.length > 1],
].filter(([, , , has]) => has());

const made = new Set();

/** Makes a view on first sight. */
function make(id) {
  if (made.has(id)) return;
  made.add(id);
  VIEWS.find(view => view[0] === id)[2](byId(id));
}

function showView() {
  const wanted = location.hash.slice(1);
  const id = VIEWS.some(view => view[0] === wanted) ? wanted : 'overview';
  for (const [other] of VIEWS) {
    byId(other).classList.toggle('shown', other === id);
    const link = byId('nav-' + other);
    if (other === id) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  make(id);
  window.scrollTo(0, 0);
}

byId('title').textContent = data.title || 'Sparsity';
byId('nav').append(...VIEWS.map(([id, name]) => el('a', {href: '#' + id, id: 'nav-' + id}, name)));
addEventListener('hashchange', showView);
showView();

/** Colours follow the system's, and paper is white. */
function recolor() {
  redrawAll();
  recolorGraph();
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolor);
matchMedia('print').addEventListener('change', recolor);
addEventListener('beforeprint', () => {
  VIEWS.forEach(([id]) => make(id));
  charts.forEach(redraw);
  recolorGraph();
});
