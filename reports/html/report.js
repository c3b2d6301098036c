"use strict";
(() => {
  const form = document.getElementById("filter");
  const output = form.querySelector("output");
  const areas = [...document.querySelectorAll(".area")];
  const contains = (element, text) => element.textContent.toLowerCase().includes(text);
  const onHost = (element, host) => !host || element.closest("[data-hosts]").dataset.hosts.split(" ").includes(host);

  const placeOf = (subject) => subject.closest(".place")?.querySelector("p") || subject;

  function ofEvery(kind, host, text) {
    const subjects = [...document.querySelectorAll(`#every-${kind} li`)];
    return subjects.filter((each) => onHost(each, host) && (!text || contains(each, text) || contains(placeOf(each), text))).length;
  }

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    const text = wanted.text.trim().toLowerCase();
    const counted = {};
    const fitting = (kind, words) => (counted[kind + " " + words] ??= ofEvery(kind, wanted.host, words));
    let shown = 0;
    let count = 0;
    for (const area of areas) {
      for (const check of area.querySelectorAll(".check")) {
        const ofCheck = !text || contains(check.querySelector("summary"), text);
        for (const group of check.querySelectorAll(".group")) {
          const ofGroup =
            (!wanted.outcome || group.dataset.outcome === wanted.outcome) &&
            (!wanted.severity || group.dataset.severity === wanted.severity) &&
            (!wanted.area || area.dataset.area === wanted.area);
          const said = ofCheck || contains(group.querySelector(".said"), text);
          for (const subject of group.querySelectorAll("li")) {
            const { all, count: several } = subject.dataset;
            const findings = Number(several || 1);
            let fits = 0;
            if (ofGroup && all) fits = fitting(all, said ? "" : text);
            else if (ofGroup && onHost(subject, wanted.host) && (said || contains(subject, text) || contains(placeOf(subject), text)))
              fits = findings;
            subject.hidden = !fits;
            count += findings;
            shown += fits;
          }
          for (const place of group.querySelectorAll(".place")) place.hidden = !place.querySelector("li:not([hidden])");
          group.hidden = !group.querySelector("li:not([hidden])");
        }
        check.hidden = !check.querySelector(".group:not([hidden])");
      }
      area.hidden = !area.querySelector(".check:not([hidden])");
    }
    output.textContent = output.dataset.template.replace("{shown}", shown).replace("{count}", count);
  }

  function reveal() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = document.getElementById(id) || document.getElementById("check-" + id.split("@")[0]);
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const field of form.elements) field.value = "";
    filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  addEventListener("hashchange", reveal);
  reveal();

  addEventListener("beforeprint", () => {
    for (const check of document.querySelectorAll("details:not([open])")) {
      check.open = true;
      check.dataset.closed = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const check of document.querySelectorAll("details[data-closed]")) {
      check.open = false;
      delete check.dataset.closed;
    }
  });

  const until = document.querySelector("[data-until]").dataset.until;
  if (Date.now() > Date.parse(until)) {
    for (const each of document.querySelectorAll(".late")) each.hidden = false;
    for (const each of document.querySelectorAll(".in-time")) each.hidden = true;
    document.getElementById("verdict").className = "verdict open";
  }
})();
