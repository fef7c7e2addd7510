/* The page knows what the server tells it: each message is a list of pictures, as they are now. */

const WORDS = {
  ready: 'waiting',
  delayed: 'tried again soon',
  reserved: 'at work',
  buried: 'failed',
  completed: 'done',
  cancelled: 'cancelled',
};
const ENDS = ['completed', 'cancelled'];

const byId = (id) => document.getElementById(id);
const cards = new Map();

// The browser connects again by itself, and is told everything anew.
const news = new EventSource('/pictures/news');
news.onopen = () => connection('live');
news.onerror = () => connection('connecting');
news.onmessage = ({ data }) => {
  for (const picture of JSON.parse(data)) show(picture);
  summarize();
};

function show(picture) {
  const card = cards.get(picture.id) ?? newCard(picture);
  // Whoever looked just before the end tells of it after the end.
  if (ENDS.includes(card.dataset.state)) return;
  card.dataset.state = picture.state;
  const part = (selector) => card.querySelector(selector);
  part('.state').textContent = WORDS[picture.state];
  part('.problem').textContent = picture.problem?.split('\n')[0] ?? '';
  part('.problem').hidden = picture.problem === undefined;
  part('button').hidden = ENDS.includes(picture.state);
  part('button').textContent = picture.state === 'buried' ? 'Remove' : 'Cancel';
  if (picture.state !== 'cancelled') showMade(card, picture);
}

function showMade(card, { made, of }) {
  Object.assign(card.querySelector('progress'), { value: made.length, max: of });
  const largest = made.at(-1);
  if (largest === undefined) return;
  const image = card.querySelector('img');
  const source = addressOf(largest);
  if (image.getAttribute('src') !== source) image.src = source;
  image.hidden = false;
  const links = made.map((thumbnail) => {
    const link = document.createElement('a');
    link.href = addressOf(thumbnail);
    link.target = '_blank';
    link.textContent = `${thumbnail.width} × ${thumbnail.height}`;
    return link;
  });
  card.querySelector('.sizes').replaceChildren(...links);
}

function newCard({ id, name }) {
  const card = byId('card').content.cloneNode(true).firstElementChild;
  card.querySelector('h2').textContent = name;
  card.querySelector('h2').title = name;
  card.querySelector('button').onclick = () => fetch(`/pictures/${id}`, { method: 'DELETE' });
  cards.set(id, card);
  // The newest one comes first.
  const older = [...byId('pictures').children].find((other) => Number(other.dataset.id) < Number(id));
  card.dataset.id = id;
  byId('pictures').insertBefore(card, older ?? null);
  return card;
}

function summarize() {
  const count = Map.groupBy(cards.values(), ({ dataset }) => WORDS[dataset.state]);
  const parts = Object.values(WORDS).filter((word) => count.has(word));
  byId('summary').textContent =
    parts.map((word) => `${count.get(word).length} ${word}`).join(' · ') || 'No pictures yet';
}

function connection(state) {
  byId('connection').textContent = state;
  byId('connection').dataset.state = state;
}

function addressOf({ file }) {
  return `/thumbnails/${file}`;
}

const form = byId('upload');

async function upload(files) {
  const body = new FormData();
  for (const file of files) body.append('pictures', file);
  form.classList.add('busy');
  const answer = await fetch('/pictures', { method: 'POST', body }).catch(() => undefined);
  form.classList.remove('busy');
  form.querySelector('span').textContent = answer?.ok
    ? 'A worker process makes five thumbnails of each.'
    : `They were not taken: ${answer ? (await answer.json()).message : 'the server does not answer'}.`;
  form.reset();
}

form.onchange = ({ target }) => upload(target.files);
form.ondragover = (event) => event.preventDefault();
form.ondragenter = () => form.classList.add('over');
form.ondragleave = () => form.classList.remove('over');
form.ondrop = (event) => {
  event.preventDefault();
  form.classList.remove('over');
  return upload(event.dataTransfer.files);
};
