/** For a browser: orders a report and shows how it grows. */
export const PAGE = `<!doctype html>
<title>Reports</title>
<form id="order">
  <label>For <input name="reader" value="Ann" required></label>
  <label>Pages <input name="pages" type="number" value="20" min="1" max="200"></label>
  <button>Order</button>
</form>
<p><progress id="bar" value="0"></progress> <output id="text"></output></p>
<script>
  const [form, bar, text] = ['order', 'bar', 'text'].map((id) => document.getElementById(id));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    const { id } = await (await fetch('/reports', { method: 'POST', body })).json();
    const progress = new EventSource('/reports/' + id + '/progress');
    progress.onmessage = ({ data }) => {
      const news = JSON.parse(data);
      if (news.text === undefined) Object.assign(bar, { value: news.page, max: news.of });
      else progress.close();
      text.value = news.text ?? 'page ' + news.page + ' of ' + news.of;
    };
  });
</script>
`;
