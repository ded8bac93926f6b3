function showOverview(view) {
  const facts = [];
  const many = data.profiles.length + data.searches.length + data.series.length > 1;
  const named = (label, what) => what + (many ? ' · ' + shorten(label, 40) : '');
  for (const {label, model} of data.profiles) {
    const counted = model.taps.filter(t => isActivation(t) && t.elements);
    const sum = read => counted.reduce((all, tap) => all + read(tap), 0);
    if (counted.length) facts.push(fact(percent(sum(t => t.zeros) / sum(t => t.elements)), named(label, 'of activations zero')));
    if (isNumber(model.total.weightSparsity)) facts.push(fact(percent(model.total.weightSparsity), named(label, 'of weights zero')));
    facts.push(fact(count(model.sampledRuns), named(label, model.sampledRuns === model.runs ? 'runs, all counted' : 'runs counted of ' + count(model.runs))));
  }
  for (const {label, result} of data.searches) {
    facts.push(fact(percent(result.total.sparsity), named(label, 'of ' + result.on + ' zero by thresholds')));
    facts.push(fact(percent(result.relativeAccuracy), named(label, 'of the dense ' + result.metric + ' kept')));
  }
  for (const one of data.series) {
    facts.push(fact(percent(one.finalSparsity), named(one.label, 'of gradients zero at the end')));
    if (one.accuracy.length) facts.push(fact(percent(one.accuracy[one.accuracy.length - 1]), named(one.label, 'accuracy at the end')));
  }
  view.append(el('div', {class: 'facts'}, facts));
  const byModel = new Map();
  for (const finding of data.findings) {
    byModel.set(finding.about, [...(byModel.get(finding.about) || []), finding.text]);
  }
  for (const [about, texts] of byModel) {
    view.append(el('div', {class: 'card'}, el('h2', {}, about),
        el('ul', {class: 'findings'}, texts.map(text => el('li', {}, text)))));
  }
  view.append(tableView({caption: 'Made of', columns: [{title: 'file', kind: 'text'}, {title: 'what', kind: 'text'}],
    rows: data.files.map(f => [f.name, f.what])}));
}
