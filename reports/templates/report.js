'use strict';
// Filters, search and deep links. The page can be read without it. State lives in the fragment:
// q, outcome (a list), level, roles, agents, topic, by; and case, role, agent for the case that is open.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const list = one('#list');
  const sections = all('section.cases', list);
  const chips = all('.chip');
  const query = one('#q');
  const cases = all('.case').map((element) => ({ element, data: element.dataset, section: element.parentNode }));
  // The fragment's key of each menu, and the data of a case that it is compared with.
  const menus = [['level', 'level'], ['roles', 'role'], ['agents', 'agent'], ['topic', 'topic'], ['by', null]]
    .map(([key, field]) => ({ key, field, element: document.getElementById(key) }))
    .filter((menu) => menu.element);
  let open = null;
  let order = '';

  const text = (entry) => {
    entry.text ??= `${one('summary', entry.element).textContent} ${entry.data.group} ${entry.data.find}`.toLowerCase();
    return entry.text;
  };

  const pressed = () => chips.filter((chip) => chip.getAttribute('aria-pressed') === 'true').map((chip) => chip.dataset.outcome);

  function apply() {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = pressed();
    const chosen = menus.filter((menu) => menu.field && menu.element.value);
    let shown = 0;
    for (const entry of cases) {
      const fits = (!outcomes.length || outcomes.includes(entry.data.outcome))
        && chosen.every((menu) => (entry.data[menu.field] ?? '') === menu.element.value)
        && words.every((word) => text(entry).includes(word));
      entry.element.hidden = !fits;
      shown += fits;
    }
    arrange(one('#by').value);
    for (const section of all('section.cases', list)) {
      const visible = all(':scope > .case:not([hidden])', section).length;
      section.hidden = !visible;
      one('.n', section).textContent = visible;
    }
    one('#none').hidden = shown > 0 || !cases.length;
    const noun = cases.length === 1 ? 'case' : 'cases';
    one('#shown').textContent = shown === cases.length ? `${shown} ${noun}` : `${shown} of ${cases.length} ${noun}`;
  }

  // Puts the cases under headings by outcome, as they were, or by topic or group.
  function arrange(by) {
    if (by === order) return;
    order = by;
    all('section.cases', list).forEach((section) => section.remove());
    if (!by) {
      sections.forEach((section) => list.append(section));
      cases.forEach((entry) => entry.section.append(entry.element));
      return;
    }
    const made = new Map();
    const names = [...new Set(cases.map((entry) => entry.data[by]))].sort();
    for (const name of names) {
      const section = document.createElement('section');
      const heading = document.createElement('h2');
      const number = document.createElement('span');
      section.className = 'cases';
      number.className = 'n';
      heading.append(name, ' ', number);
      section.append(heading);
      made.set(name, section);
      list.append(section);
    }
    cases.forEach((entry) => made.get(entry.data[by]).append(entry.element));
  }

  function save() {
    const state = new URLSearchParams();
    const put = (key, value) => value && state.set(key, value);
    put('q', query.value.trim());
    put('outcome', pressed().join(','));
    menus.forEach((menu) => put(menu.key, menu.element.value));
    if (open) {
      put('case', open.data.case);
      put('role', open.data.role);
      put('agent', open.data.agent);
    }
    const fragment = state.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
    if (fragment === location.hash.slice(1)) return;
    history.replaceState(null, '', fragment ? `#${fragment}` : location.href.split('#')[0]);
  }

  function load() {
    if (/^#c\d+e\d+$/.test(location.hash)) {
      reveal(document.getElementById(location.hash.slice(1)));
      return;
    }
    const state = new URLSearchParams(location.hash.slice(1));
    query.value = state.get('q') ?? '';
    const outcomes = (state.get('outcome') ?? '').split(',');
    chips.forEach((chip) => chip.setAttribute('aria-pressed', outcomes.includes(chip.dataset.outcome)));
    menus.forEach((menu) => {
      menu.element.value = state.get(menu.key) ?? '';
      if (menu.element.selectedIndex < 0) menu.element.value = '';
    });
    apply();
    const wanted = (key, value) => !state.has(key) || value === state.get(key);
    open = state.has('case') ? cases.find(({ data }) => data.case === state.get('case')
      && wanted('role', data.role) && wanted('agent', data.agent)) ?? null : null;
    if (open) {
      // A link to a case shows it whatever the filters say.
      open.element.hidden = false;
      open.element.parentNode.hidden = false;
      reveal(open.element);
    }
  }

  function reveal(target) {
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') node.open = true;
    }
    const inner = one(':scope > details', target);
    if (inner) inner.open = true;
    target.scrollIntoView({ block: 'start' });
    target.classList.add('aimed');
    setTimeout(() => target.classList.remove('aimed'), 1600);
  }

  const changed = () => { apply(); save(); };
  one('.filters').addEventListener('submit', (event) => event.preventDefault());
  query.addEventListener('input', changed);
  menus.forEach((menu) => menu.element.addEventListener('change', changed));
  chips.forEach((chip) => chip.addEventListener('click', () => {
    chip.setAttribute('aria-pressed', chip.getAttribute('aria-pressed') !== 'true');
    changed();
  }));
  one('#clear').addEventListener('click', () => {
    query.value = '';
    chips.forEach((chip) => chip.setAttribute('aria-pressed', 'false'));
    menus.forEach((menu) => { menu.element.value = ''; });
    changed();
  });
  one('#open').addEventListener('click', () => {
    const visible = cases.filter((entry) => !entry.element.hidden).map((entry) => entry.element);
    const unfold = visible.some((element) => !element.open);
    visible.forEach((element) => { element.open = unfold; });
  });

  // A case that a reader opens becomes the one that the address names.
  cases.forEach((entry) => one('summary', entry.element).addEventListener('click', () => {
    open = entry.element.open ? (open === entry ? null : open) : entry;
    save();
  }));

  document.addEventListener('click', (event) => {
    const jump = event.target.closest('a.jump');
    if (jump) {
      event.preventDefault();
      reveal(document.getElementById(jump.hash.slice(1)));
    }
    const button = event.target.closest('button.copy');
    if (button) copy(button);
  });

  async function copy(button) {
    const code = one('code', button.parentNode);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1600);
  }

  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      query.focus();
    } else if (event.key === 'Escape' && event.target === query) {
      query.value = '';
      changed();
    }
  });

  // On paper, what did not pass is told in full.
  addEventListener('beforeprint', () => cases.forEach((entry) => {
    if (!entry.element.hidden && entry.data.outcome !== 'pass') entry.element.open = true;
  }));
  addEventListener('hashchange', load);
  load();
})();
