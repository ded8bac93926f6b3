const KINDS = {
  text: {show: v => v === null ? '' : String(v), text: true},
  share: {show: share},
  percent: {show: percent},
  points: {show: points},
  size: {show: v => points(v).replace('+', '')},
  count: {show: count},
  bytes: {show: bytes},
  number: {show: v => isNumber(v) ? String(Number(v.toPrecision(6))) : '–'},
};

const oneLine = text => text.replace(/\p{Cc}+/gu, ' ');

/** Writers of tables, as the rows stand. */
const WRITERS = {
  CSV: (columns, rows) => [columns.map(c => c.title), ...rows.map(r => r.map(v => v === null ? '' : String(v)))]
      .map(cells => cells.map(c => /[,"\n\r]/.test(c) ? '"' + c.replace(/"/g, '""') + '"' : c).join(',')).join('\n') + '\n',
  Markdown: (columns, rows) => {
    const escaped = t => oneLine(t).replace(/[\\`*_{}[\]<>|~&#$]/g, '\\$&');
    const line = cells => '| ' + cells.join(' | ') + ' |\n';
    return line(columns.map(c => escaped(c.title)))
        + line(columns.map((c, i) => i === 0 || KINDS[c.kind].text ? '---' : '---:'))
        + rows.map(r => line(r.map((v, i) => escaped(KINDS[columns[i].kind].show(v))))).join('');
  },
  LaTeX: (columns, rows, caption) => {
    const words = {'\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}',
      '<': '\\textless{}', '>': '\\textgreater{}', '|': '\\textbar{}', '−': '$-$', '–': '--'};
    const escaped = t => oneLine(t).replace(/[\\~^<>|−–{}$&#%_[\]*]/g,
        c => words[c] || (/[[\]*]/.test(c) ? '{' + c + '}' : '\\' + c));
    const line = cells => cells.map(escaped).join(' & ') + ' \\\\\n';
    return '\\begin{table}\n\\centering\n\\caption{' + escaped(caption) + '}\n\\begin{tabular}{'
        + columns.map((c, i) => i === 0 || KINDS[c.kind].text ? 'l' : 'r').join('') + '}\n\\hline\n'
        + line(columns.map(c => c.title)) + '\\hline\n'
        + rows.map(r => line(r.map((v, i) => KINDS[columns[i].kind].show(v)))).join('')
        + '\\hline\n\\end{tabular}\n\\end{table}\n';
  },
};

/** Sorts rows by a column; what is not known comes last either way. */
function sorted(rows, column, direction) {
  if (!direction) return rows;
  const collator = new Intl.Collator('en', {numeric: true});
  return rows.map((row, i) => [row, i]).sort(([a, i], [b, j]) => {
    const x = a[column], y = b[column];
    if (x === null || y === null) return (x === null) - (y === null) || i - j;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(x, y);
    return direction * order || i - j;
  }).map(([row]) => row);
}

/**
 * A table that sorts by its heads (numbers from the largest on, then from the smallest, then as it
 * was) and is copied as it stands. With onrow its rows can be chosen.
 */
function tableView({caption, columns, rows, sort = null, onrow = null}) {
  let by = sort ? sort.column : -1;
  let direction = sort ? sort.direction : 0;
  const body = el('tbody');
  const heads = columns.map((column, i) => el('th', {scope: 'col', class: KINDS[column.kind].text ? 'text' : null},
      el('button', {type: 'button', onclick: () => turn(i)}, column.title)));
  const shown = () => sorted(rows, by, direction);

  function turn(i) {
    const first = KINDS[columns[i].kind].text ? 1 : -1;
    if (by !== i) {
      by = i;
      direction = first;
    } else {
      direction = direction === first ? -first : direction === -first ? 0 : first;
    }
    draw();
  }

  function draw() {
    heads.forEach((head, i) => head.setAttribute('aria-sort',
        i === by && direction ? direction > 0 ? 'ascending' : 'descending' : 'none'));
    body.replaceChildren(...shown().map(row => {
      const line = el('tr', {}, row.map((value, i) =>
          el('td', {class: i > 0 && KINDS[columns[i].kind].text ? 'text' : null}, KINDS[columns[i].kind].show(value))));
      if (onrow) {
        const choose = () => {
          body.querySelectorAll('.chosen').forEach(other => other.classList.remove('chosen'));
          line.classList.add('chosen');
          onrow(rows.indexOf(row));
        };
        fill(line, {tabindex: 0, onclick: choose, onkeydown: e => {
          if (e.key === 'Enter' || e.key === ' ') {
            e.preventDefault();
            choose();
          }
        }}, []);
      }
      return line;
    }));
  }

  draw();
  return el('div', {class: 'card table'},
      el('h2', {}, caption),
      el('div', {class: 'bar'}, el('span', {class: 'note'}, rows.length + (rows.length === 1 ? ' row' : ' rows')),
          el('span', {class: 'push'}),
          Object.entries(WRITERS).map(([name, write]) => el('button', {type: 'button',
            onclick: () => copy(write(columns, shown(), caption), name)}, 'Copy ' + name))),
      el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption},
          el('table', {}, el('thead', {}, el('tr', {}, heads)), body)));
}

function showTables(view) {
  for (const table of data.tables) {
    view.append(tableView({caption: table.caption,
      columns: [{title: table.head, kind: 'text'}, ...table.columns.map(title => ({title, kind: 'share'}))],
      rows: table.rows.map(row => [row.name, ...row.values])}));
  }
  for (const {label, model} of data.profiles) {
    view.append(tableView({caption: label + ': what was counted',
      columns: [['layer or node', 'text'], ['operator', 'text'], ['kind', 'text'], ['elements', 'count'], ['zeros', 'count'],
        ['sparsity', 'share'], ['least', 'share'], ['most', 'share'], ['deviation', 'share'], ['NaN', 'count']]
          .map(([title, kind]) => ({title, kind})),
      rows: model.taps.map(t => [tapName(t), t.op, t.kind, t.elements, t.zeros, t.sparsity,
        t.perRun ? t.perRun.min : null, t.perRun ? t.perRun.max : null, t.perRun ? t.perRun.stddev : null, t.nan])}));
  }
  for (const {label, result} of data.searches) {
    view.append(tableView({caption: label + ': thresholds on ' + result.on,
      columns: [[result.by, 'text'], ['threshold', 'number'], ['alone', 'number'], ['elements', 'count'],
        ['sparsity before', 'share'], ['sparsity', 'share'], [result.metric + ' alone', 'share']]
          .map(([title, kind]) => ({title, kind})),
      rows: result.layers.map(l => [l.layer, l.threshold, l.thresholdAlone, l.elements, l.denseSparsity, l.sparsity,
        l.accuracyAlone])}));
  }
}
