/** Whether names of layers may be those of one net: one has all that the other has. */
function sameNet(names, others) {
  const [few, many] = names.length <= others.length ? [names, others] : [others, names];
  const known = new Set(many);
  return few.length > 0 && few.every(name => known.has(name));
}

/** The activation of a layer: of several tensors in it the last. */
const activationOf = (model, layer) => model.taps.filter(t => isActivation(t) && tapName(t) === layer).pop();

/** What each profile, in the order of the files, and each step of a training tells of one of a net's layers. */
function layerHistory(layer, net) {
  const seen = data.profiles.filter(({model}) => sameNet(model.taps.filter(isActivation).map(tapName), net))
      .map(({label, model}) => ({label, tap: activationOf(model, layer),
        held: weightsByLayer(model).get(layer)})).filter(({tap, held}) => tap || held);
  const trained = data.series.filter(one => one.sparsity[layer] && sameNet(Object.keys(one.sparsity), net));
  return [
    ...(seen.length > 1 ? [el('h3', {}, 'History over profiles'), plot(profileHistory(layer, seen))] : []),
    ...trained.flatMap(one => [el('h3', {}, 'Gradients over training: ' + one.label), plot(gradientHistory(layer, one))])];
}

function profileHistory(layer, seen) {
  const line = (name, color, read) => ({type: 'line', name, itemStyle: {color}, symbolSize: 7, connectNulls: true,
    data: seen.map(one => toPercent(read(one)))});
  return {name: 'History of ' + layer, height: 190, option: c => ({
    grid: {left: 4, right: 14, top: 30, bottom: 4, containLabel: true}, legend: {},
    xAxis: {type: 'category', data: seen.map((one, i) => i), axisLabel: {formatter: i => shorten(seen[i].label, 12), hideOverlap: true}},
    yAxis: {type: 'value', scale: true, axisLabel: {formatter: '{value} %'}},
    tooltip: {trigger: 'axis', formatter: at => {
      const {label, tap, held} = seen[at[0].dataIndex];
      return tip(label, tap && 'activation ' + percent(tap.sparsity), held && 'weights ' + percent(held.zeros / held.elements));
    }},
    series: [seen.some(one => one.tap) && line('activation', c.accent, ({tap}) => tap && tap.sparsity),
      seen.some(one => one.held) && line('weights', c.weight, ({held}) => held && held.zeros / held.elements)].filter(Boolean)})};
}

function gradientHistory(layer, one) {
  return {name: 'Gradients of ' + layer + ' in ' + one.label, height: 190, option: c => ({
    grid: {left: 4, right: 14, top: 12, bottom: 22, containLabel: true},
    xAxis: {...overSteps.axis(), nameGap: 22, axisLabel: {hideOverlap: true}},
    yAxis: percentAxis(''),
    tooltip: {trigger: 'axis', formatter: at => tip('step ' + count(at[0].value[0]), percent(at[0].value[1] / 100))},
    series: [overSteps.line('gradient', one.steps.map((step, i) => [step, toPercent(one.sparsity[layer][i])]),
      {itemStyle: {color: c.accent}, lineStyle: {width: 1.2}})]})};
}
