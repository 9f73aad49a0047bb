//! Words of a scenario that would be markup, if they were not data.

use crate::driver::Browser;
use crate::page;
use serde_json::json;
use std::fs;

/// What somebody might hope to get into a page.
const NAME: &str = r#"</script><img src=x onerror="window.taken=1"><b>"#;

#[test]
fn what_a_scenario_says_is_never_markup() {
    let escaped = NAME.replace('"', "\\\"");
    let text = format!(
        r#"{{ "version": 1, "name": "hostile", "about": "{escaped} @@SCRIPT@@", "nodes": 3, "seed": 1, "run_for": "1s",
             "timeline": [{{ "at": "500ms", "note": "{escaped}", "do": {{ "crash": {{ "node": "leader" }} }} }}] }}"#
    );
    let file = format!("{}/<img src=x onerror=window.taken=1>.json", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, text).unwrap();
    let page = page("hostile.html", &[&file]);
    let source = fs::read_to_string(&page).unwrap();
    assert!(!source.contains("<img"), "markup of a scenario is in the page");
    let browser = Browser::open(1000, 800, false);
    browser.visit(&page);
    let taken = "return [document.images.length, window.taken === undefined]";
    assert_eq!(browser.ask(taken), json!([0, true]));
    let shown = |id: &str| browser.text(&format!("return document.getElementById({id:?}).textContent"));
    assert!(shown("subject").starts_with(&format!("{NAME} @@SCRIPT@@")), "{}", shown("subject"));
    assert!(shown("replay").contains("<img src=x onerror=window.taken=1>.json"), "{}", shown("replay"));
    let act = "return Object.values(page.run.head.acts).some((text) => text.includes('onerror'))";
    assert_eq!(browser.ask(act), json!(true), "the note is shown as it is");
}
