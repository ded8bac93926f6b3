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
  const {rows, without} = changes(a, b);
  const figure = changeFigure(a, b);
  return [
    figure ? figureCard(figure) : el('p', {class: 'card'}, 'Nothing moved.'),
    tableView({caption: 'Sparsity from ' + a.label + ' to ' + b.label, columns: [['layer or node', 'text'], ['kind', 'text'],
      ['before', 'share'], ['after', 'share'], ['change, points', 'points'], ['size of change', 'size']]
        .map(([title, kind]) => ({title, kind})), rows, sort: {column: 5, direction: -1}}),
    without ? el('p', {class: 'note'}, without + ' tensors are in one of the two only and left out.') : '',
  ];
}
