//! A long run: its page is small, opens soon and moves without a jerk.

use crate::driver::Browser;
use crate::{page, picture};
use std::fs;
use std::time::Duration;

#[test]
#[expect(clippy::print_stdout, reason = "what was measured is worth reading")]
fn a_hundred_thousand_steps_are_no_trouble() {
    let page = page("long.html", &["scenarios/campaign/long.json", "--set", "run_for=112s"]);
    let size = fs::metadata(&page).unwrap().len();
    assert!(size <= 3_000_000, "the page has {size} bytes");
    let browser = Browser::open(1400, 1000, false);
    // The best of three: what else the machine does is not the page's doing.
    let took = (0..3).map(|_| browser.visit(&page)).min().unwrap();
    let steps = browser.ask("return page.run.head.steps").as_u64().unwrap();
    assert!(steps >= 100_000, "these are only {steps} steps");
    assert!(took < Duration::from_secs(2), "the page took {took:?} to open");
    picture(&browser, "long-all.png");
    // Draws at three scales, at twenty places each; a frame of 60 in a second is 17 ms.
    let script = "const { view, axis } = page, times = [];
        for (const part of [1, 0.1, 0.002]) for (let i = 0; i < 20; i++) {
          view.show(axis.length * i / 20, axis.length * (i / 20 + part));
          const began = performance.now();
          page.paint();
          times.push(performance.now() - began);
        }
        return times.sort((a, b) => a - b)[times.length / 2];";
    let frame = browser.ask(script).as_f64().unwrap();
    assert!(frame < 25.0, "half of the frames take more than {frame} ms");
    browser.ask("page.choose(50000); page.view.zoom(100, 600); page.redraw()");
    browser.settle();
    picture(&browser, "long-near.png");
    println!("{steps} steps, {size} bytes, open after {took:?}, half of the frames take up to {frame:.1} ms");
}
