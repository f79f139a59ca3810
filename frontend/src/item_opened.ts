/** Tells that a link of a lesson was followed; the other site is asked by the press alone. */
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-opened]")) {
  const tell = () => {
    const { opened, csrf } = link.dataset;
    if (!opened) return;
    const headers = { "X-CSRFToken": csrf ?? "" };
    void fetch(opened, { method: "POST", headers, keepalive: true }).catch(() => undefined);
  };
  link.addEventListener("click", tell);
  link.addEventListener("auxclick", tell); // a new tab by the middle button
}
