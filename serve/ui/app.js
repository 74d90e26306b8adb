// What scripts add to pages that read without them: tables that sort.

// On a narrow screen the filters begin closed.
const filters = document.querySelector('.filters');
if (filters && matchMedia('(max-width: 48rem)').matches) filters.open = false;

const value = (row, column) => {
  const text = row.cells[column].textContent.trim();
  const number = Number(text.replace(/[\s\u2009]/g, ''));
  return text !== '' && !Number.isNaN(number) ? number : text;
};

const compare = (a, b) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);

for (const table of document.querySelectorAll('table.sortable')) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (up ? 1 : -1) * compare(value(a, column), value(b, column)));
      table.tBodies[0].append(...rows);
    });
  });
}
