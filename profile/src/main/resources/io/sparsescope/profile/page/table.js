/**
 * What columns hold: show gives a value as words; draw puts it into a cell where words are not all. Pictures are left
 * out of copies.
 */
const KINDS = {
  text: {show: v => v === null ? '' : String(v), text: true},
  share: {show: share},
  percent: {show: percent},
  fine: {show: v => percent(v, 2)},
  rate: {show: rate},
  /** A share with a bar; the column may name those that have its least and most, and others to compare with. */
  meter: {show: v => percent(v, 2), draw: drawMeter},
  /** Values over time. */
  trend: {show: () => '', draw: drawTrend, picture: true},
  /** What somebody should see. */
  alarm: {show: v => v === null ? '' : String(v), text: true, draw: (cell, value) => cell.replaceChildren(value ? el('span', {class: 'alarm'}, value) : '')},
  points: {show: points},
  size: {show: v => points(v).replace('+', '')},
  count: {show: count},
  bytes: {show: bytes},
  number: {show: v => isNumber(v) ? String(Number(v.toPrecision(6))) : v === Infinity ? '∞' : '–'},
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

/** of: gives another column's value in the row, by its title. */
function drawMeter(cell, value, column, of) {
  if (!cell.firstChild) {
    cell.append(el('span', {class: 'meter', 'aria-hidden': 'true'}, el('b'), el('u'), (column.beside || []).map(() => el('s'))), el('span'));
  }
  const [bar, text] = cell.children, [fill, run, ...others] = bar.children;
  const place = (element, from, to) => {
    element.hidden = !isNumber(from) || !isNumber(to);
    if (element.hidden) return;
    element.style.left = (100 * from).toFixed(3) + '%';
    element.style.width = (100 * (to - from)).toFixed(3) + '%';
  };
  place(fill, 0, value);
  place(run, of(column.low), of(column.high));
  others.forEach((other, i) => place(other, of(column.beside[i]), of(column.beside[i])));
  text.textContent = KINDS.meter.show(value);
}

function drawTrend(cell, values) {
  const known = values.filter(isNumber).length > 1 ? values : [];
  const now = known.length + ' ' + known[known.length - 1] + ' ' + known[0];
  if (cell.now === now) return;
  cell.now = now;
  if (cell.firstChild) replot(cell.firstChild.firstChild, trendFigure(known));
  else cell.append(el('div', {class: 'trend'}, plot(trendFigure(known))));
}

/**
 * A table that sorts by its heads (numbers from the largest on, then from the smallest, then as it
 * was) and is copied as it stands. With onrow its rows can be pressed, and arrow keys move from row
 * to row, which onmove is told; both get the row's place in rows. update shows other rows in its
 * place: those of a key that was there before keep their line, the focus and the scrolled place;
 * choose marks the row of a key.
 */
function tableView({caption, columns, rows, keys = rows, sort = null, onrow = null, onmove = null}) {
  let by = sort ? sort.column : -1;
  let direction = sort ? sort.direction : 0;
  let chosen = null;
  let places = new Map();
  const lines = new Map();
  const body = el('tbody', onrow ? {onkeydown: move} : {});
  const number = el('span', {class: 'note'});
  const heads = columns.map((column, i) => el('th', {scope: 'col', class: KINDS[column.kind].text ? 'text' : null},
      el('button', {type: 'button', onclick: () => turn(i)}, column.title)));
  const region = el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption},
      el('table', {}, el('thead', {}, el('tr', {}, heads)), body));
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
    number.textContent = rows.length + (rows.length === 1 ? ' row' : ' rows');
    const keyOf = new Map(rows.map((row, i) => [row, keys[i]]));
    places = new Map(keys.map((key, i) => [key, i]));
    const now = shown().map(row => written(lineOf(keyOf.get(row)), row));
    if (now.length !== body.rows.length || [...body.rows].some((line, i) => line !== now[i])) {
      const focused = body.contains(document.activeElement) ? document.activeElement : null;
      const top = region.scrollTop;
      body.replaceChildren(...now);
      region.scrollTop = top;
      if (focused && focused.isConnected) focused.focus({preventScroll: true});
    }
    for (const key of [...lines.keys()].filter(key => !places.has(key))) lines.delete(key);
    mark();
  }

  function lineOf(key) {
    if (!lines.has(key)) {
      const line = el('tr', {onclick: onrow ? () => press(key) : null}, columns.map((column, i) =>
          el('td', {class: i > 0 && KINDS[column.kind].text ? 'text' : null})));
      line.key = key;
      lines.set(key, line);
    }
    return lines.get(key);
  }

  /** Touches only cells that change. */
  function written(line, row) {
    const of = title => row[columns.findIndex(column => column.title === title)];
    columns.forEach((column, i) => {
      const kind = KINDS[column.kind], cell = line.cells[i];
      if (kind.draw) {
        kind.draw(cell, row[i], column, of);
      } else if (!line.values || !Object.is(line.values[i], row[i])) {
        cell.textContent = kind.show(row[i]);
      }
    });
    line.values = row;
    return line;
  }

  /** One row can be reached by the tabulator: the chosen one, or the first. */
  function mark() {
    const reached = lines.get(chosen) || body.rows[0];
    for (const line of body.rows) {
      if (line.classList.toggle('chosen', line.key === chosen)) line.setAttribute('aria-current', 'true');
      else line.removeAttribute('aria-current');
      if (onrow) line.tabIndex = line === reached ? 0 : -1;
    }
  }

  function choose(key) {
    chosen = key;
    mark();
  }

  function press(key) {
    choose(key);
    onrow(places.get(key));
  }

  function move(e) {
    const all = [...body.rows], at = all.indexOf(e.target.closest('tr'));
    if (e.key === 'Enter' || e.key === ' ') {
      e.preventDefault();
      press(all[at].key);
      return;
    }
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: all.length - 1}[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const line = all[Math.max(0, Math.min(all.length - 1, to))];
    for (const other of all) other.tabIndex = other === line ? 0 : -1;
    line.focus();
    if (onmove) onmove(places.get(line.key));
  }

  function copied(write) {
    const kept = columns.map((column, i) => i).filter(i => !KINDS[columns[i].kind].picture);
    return write(kept.map(i => columns[i]), shown().map(row => kept.map(i => row[i])), caption);
  }

  draw();
  const view = el('div', {class: 'card table'},
      el('h2', {}, caption),
      el('div', {class: 'bar'}, number, el('span', {class: 'push'}),
          Object.entries(WRITERS).map(([name, write]) => el('button', {type: 'button', onclick: () => copy(copied(write), name)},
              'Copy ' + name))),
      region);
  return Object.assign(view, {choose, update(others, keysOfOthers = others) {
    rows = others;
    keys = keysOfOthers;
    draw();
  }});
}
