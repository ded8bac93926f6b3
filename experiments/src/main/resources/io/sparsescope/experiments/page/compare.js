/** Two profiles side by side, what moved most first. */
function showCompare(view) {
  let first = 0, second = 1;
  const labels = data.profiles.map(p => p.label);
  const host = el('div');
  const draw = () => host.replaceChildren(...comparison(data.profiles[first], data.profiles[second]));
  view.append(el('div', {class: 'card'}, el('div', {class: 'bar'},
      chooser('From', labels, i => { first = i; draw(); }, 0),
      chooser('to', labels, i => { second = i; draw(); }, 1))), host);
  draw();
}

function comparison(a, b) {
  const key = t => t.kind + ' ' + tapName(t) + (isWeight(t) ? ' ' + t.tensor : '');
  const before = new Map(a.model.taps.map(t => [key(t), t]));
  const rows = [];
  let without = 0;
  for (const tap of b.model.taps) {
    const old = before.get(key(tap));
    before.delete(key(tap));
    if (!old) {
      without++;
      continue;
    }
    const both = isNumber(old.sparsity) && isNumber(tap.sparsity);
    rows.push([tapName(tap), tap.kind, old.sparsity, tap.sparsity, both ? tap.sparsity - old.sparsity : null,
      both ? Math.abs(tap.sparsity - old.sparsity) : null]);
  }
  without += before.size;
  const moved = sorted(rows.filter(r => r[5]), 5, -1).slice(0, 40);
  const caption = 'Sparsity from ' + a.label + ' to ' + b.label;
  return [
    moved.length ? el('div', {class: 'card'}, el('h2', {}, 'What moved most'),
        plot('What moved most', 90 + 26 * moved.length, c => ({
          grid: {left: 8, right: 40, top: 20, bottom: 8, containLabel: true},
          xAxis: {type: 'value', axisLabel: {formatter: '{value} pts', hideOverlap: true}},
          yAxis: {type: 'category', inverse: true, data: moved.map((r, i) => i), axisTick: {show: false},
            axisLabel: {formatter: i => shorten(moved[i][0], c.width < 600 ? 18 : 36) + (moved[i][1] === 'weight' ? ' (w)' : ''), interval: 0}},
          tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
            const r = moved[at[0].dataIndex];
            return tip(r[0], r[1], percent(r[2]) + ' → ' + percent(r[3]), points(r[4]) + ' points');
          }},
          series: [{type: 'bar', barMaxWidth: 16, data: moved.map(r => ({value: Math.round(r[4] * 1e4) / 100,
            itemStyle: {color: r[4] > 0 ? c.up : c.down}}))}]}))) : el('p', {class: 'card'}, 'Nothing moved.'),
    tableView({caption, columns: [['layer or node', 'text'], ['kind', 'text'], ['before', 'share'], ['after', 'share'],
      ['change, points', 'points'], ['size of change', 'size']].map(([title, kind]) => ({title, kind})), rows,
    sort: {column: 5, direction: -1}}),
    without ? el('p', {class: 'note'}, without + ' tensors are in one of the two only and left out.') : '',
  ];
}
