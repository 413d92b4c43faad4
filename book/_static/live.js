// Live figures: draw the specification that stands in the page, then put the drawing in the place of the still one.
document.addEventListener("DOMContentLoaded", () => {
  for (const figure of document.querySelectorAll(".nqp-live")) {
    const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const view = figure.querySelector(".nqp-view");
    const still = figure.querySelector(".nqp-still");
    const reset = figure.querySelector(".nqp-reset");
    view.hidden = false; // it must have a width to be drawn into
    window.vegaEmbed(view, spec).then((result) => {
      still.remove();
      figure.nqpView = result.view;
      const start = Object.fromEntries((spec.params ?? []).map((param) => [param.name, param.value]));
      reset.hidden = false;
      reset.addEventListener("click", () => {
        for (const [name, value] of Object.entries(start)) result.view.signal(name, value);
        result.view.runAsync();
      });
    }).catch((error) => {
      view.hidden = true; // the still drawing stays
      console.error(error);
    });
  }
});
