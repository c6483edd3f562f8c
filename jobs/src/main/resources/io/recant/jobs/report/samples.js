// The most suspicious samples: what is wrong with each, who says so, and what may be right.

const PAGE = 10;

function samplesSection(data) {
  const lead = `The samples that are most likely bad, beside those known before, at most ${count(data.top)} of each corpus, with every reason. The complete lists are the tables forget and review.`;
  if (!data.suspicious.length) {
    const why = data.top === 0 ? 'Texts and pictures are kept off this page: report.top is 0.'
      : data.corpora.some(c => c.decided) ? 'No sample was found suspicious enough to unlearn or to review.'
        : 'Nothing has been judged yet: the steps detect and decide are not committed in this run.';
    return section('samples', 'The most suspicious samples', lead, empty(why));
  }
  const corpora = [...new Set(data.suspicious.map(s => s.corpus))];
  const state = { corpus: '', text: '', shown: PAGE };
  const list = el('div', {});
  const summary = el('span', { class: 'soft small', role: 'status' });
  const more = el('button', { type: 'button', class: 'more', onclick: () => { state.shown += PAGE; show(); } }, 'Show more');
  const searchable = new Map(data.suspicious.map(s => [s, [s.input, s.context, s.target, suggestionOf(s), s.id, ...s.reasons].filter(Boolean).join('\n').toLowerCase()]));
  const ordered = [...data.suspicious].sort((a, b) => (b.pBad ?? -1) - (a.pBad ?? -1));

  function show() {
    const found = ordered.filter(s => (!state.corpus || s.corpus === state.corpus) && searchable.get(s).includes(state.text));
    list.replaceChildren(...found.slice(0, state.shown).map(s => sampleRow(s, corpora.length > 1)));
    if (!found.length) list.append(empty('No sample here contains that text.'));
    more.hidden = found.length <= state.shown;
    summary.textContent = `${count(Math.min(state.shown, found.length))} of ${count(found.length)}`;
  }
  const change = (key, value) => { state[key] = value; state.shown = PAGE; show(); };
  show();
  addEventListener('beforeprint', () => { state.shown = Infinity; show(); });
  const node = el('div', { class: 'card long' },
    el('div', { class: 'controls' },
      el('input', { type: 'search', placeholder: 'Search in texts, targets and reasons', 'aria-label': 'Search samples', oninput: e => change('text', e.target.value.toLowerCase()) }),
      corpora.length > 1 ? select('corpus', [{ value: '', text: 'all' }, ...corpora.map(c => ({ value: c, text: c }))], '', v => change('corpus', v)) : null,
      summary),
    list, more);
  return section('samples', 'The most suspicious samples', lead, node);
}

/** What repair suggests; without it, what the detector that speaks most against the target does. */
const suggestionOf = s => s.repair ? s.repair.target : s.suggested;

function howSure(s) {
  const r = s.repair;
  if (!r) return ' (by one detector)';
  if (!known(r.probability)) return ' (how often that is right is not known)';
  const second = r.second && known(r.secondProbability) ? `; next ${r.second} with ${r.secondProbability.toFixed(2)}` : '';
  return ` (right with probability ${r.probability.toFixed(2)}: ${r.action === 'relabel' ? 'put it in' : 'ask a person'}${second})`;
}

/** The sides of a small picture's drawing, in pixels of the page, are at most this; every pixel is a square. */
const DRAWN = 112;

function picture(s) {
  const p = s.picture;
  if (!p.src) return el('div', { class: 'picture' }, el('p', { class: 'unreadable' }, 'picture cannot be read'));
  const times = Math.max(1, Math.floor(DRAWN / Math.max(p.width, p.height)));
  const whole = `${count(p.fullWidth)} \u00d7 ${count(p.fullHeight)} px`;
  return el('div', { class: 'picture' },
    el('img', { src: p.src, width: times * p.width, height: times * p.height, class: times > 1 ? 'enlarged' : null, decoding: 'sync', title: whole,
      alt: `picture given as \u2018${s.target}\u2019` }),
    p.width < p.fullWidth || p.height < p.fullHeight ? el('div', { class: 'soft whole', title: 'the whole picture; this one is scaled down' }, whole) : null);
}

function sampleRow(s, withCorpus) {
  return el('article', { class: 'sample ' + (s.action === 'review' ? 'review' : 'forget') + (s.picture ? ' pictured' : '') },
    el('div', { class: 'verdict' },
      el('div', { class: 'p', title: 'probability that the sample is bad' }, known(s.pBad) ? (s.pBad > 0.999 ? '> 0.999' : s.pBad.toFixed(3)) : '\u2013'),
      el('div', { class: 'meter' }, el('i', { style: { width: `${100 * (s.pBad || 0)}%` } })),
      el('span', { class: 'tag' }, s.action === 'review' ? 'for a person' : 'unlearn'),
      withCorpus ? el('div', { class: 'soft' }, s.corpus) : null),
    s.picture ? picture(s) : null,
    el('div', {},
      s.picture && !s.input ? null : el('div', { class: 'text', dir: 'auto' }, s.input),
      el('dl', { class: 'pair' },
        s.context ? [el('dt', {}, 'context'), el('dd', { class: 'text', dir: 'auto' }, s.context)] : null,
        el('dt', {}, 'given'), el('dd', { class: 'text was', dir: 'auto' }, s.target),
        suggestionOf(s) ? [el('dt', {}, 'suggested'), el('dd', { class: 'text maybe', dir: 'auto' }, suggestionOf(s), el('span', { class: 'soft small' }, howSure(s)))] : null,
        s.plantedBy ? [el('dt', {}, 'truth'), el('dd', { class: 'text', dir: 'auto' }, s.plantedBefore, el('span', { class: 'soft small' }, ` (put in by ${s.plantedBy})`))] : null),
      s.reasons.length ? el('ul', { class: 'reasons' }, s.reasons.map(r => el('li', { class: 'text' }, r))) : null),
    el('div', { class: 'opinions' }, s.opinions.map(o => el('div', { title: `${o.detector}: ${o.score.toFixed(3)}` },
      el('span', {}, words(o.detector)), el('div', { class: 'meter' }, el('i', { style: { width: `${100 * o.score}%` } })), el('span', { class: 'num' }, o.score.toFixed(2)))),
      el('p', { class: 'mono text', title: s.source }, s.id)));
}
