//! Numbers and lists as people write them.

use crate::page::{Page, Style};
use whitewater_sim::scenario::steers;

/// How wide a line of a list may get, in characters.
const WIDTH: usize = 108;

/// A number with its thousands apart: `18,904`.
#[must_use]
pub fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun: `1 leader`, `3 leaders`.
#[must_use]
pub fn counted(number: impl Into<u128>, noun: &str) -> String {
    let number = number.into();
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A text from a file without what could steer a terminal or break a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// A text of one line or more, of which nothing but its ends of lines steers a terminal.
#[must_use]
pub fn tame(text: impl Into<String>) -> String {
    let text = text.into();
    let wild = |c: char| c != '\n' && steers(c);
    if text.contains(wild) { text.replace(wild, "\u{fffd}") } else { text }
}

/// A text as a page shows it: none of it is markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// The first sentence of a text from a file.
pub(crate) fn first_sentence(text: &str) -> String {
    let text = printable(text);
    let end = text.find(". ").map_or(text.len(), |stop| stop + 1);
    text[..end].to_owned()
}

/// Items behind a label, separated by commas, in as many lines as they need.
pub(crate) fn listed(label: &str, items: impl IntoIterator<Item = String>) -> Page {
    let mut page = Page::new();
    let mut room = 0;
    let mut first = true;
    for item in items {
        if first {
            page.add(Style::Dim, label);
            room = WIDTH.saturating_sub(label.chars().count());
        } else {
            page.plain(",");
            if item.chars().count() + 2 > room {
                page.end_line().plain(" ".repeat(label.chars().count()));
                room = WIDTH.saturating_sub(label.chars().count());
            } else {
                page.plain(" ");
                room -= 2;
            }
        }
        room = room.saturating_sub(item.chars().count());
        page.plain(item);
        first = false;
    }
    if !first {
        page.end_line();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_thousands_apart() {
        let texts = [0_u64, 7, 999, 1_000, 18_904, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "7", "999", "1,000", "18,904", "1,234,567"]);
        assert_eq!(grouped(1_u128 << 64), "18,446,744,073,709,551,616");
        assert_eq!([0_u8, 1, 2].map(|n| counted(n, "leader")), ["0 leaders", "1 leader", "2 leaders"]);
    }

    #[test]
    fn texts_of_files_do_not_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[31m\nb"), "a [31m b");
        assert_eq!(first_sentence("One falls. Two stand."), "One falls.");
        assert_eq!(first_sentence("No stop 1.5 s"), "No stop 1.5 s");
    }

    #[test]
    fn markup_in_texts_is_shown() {
        assert_eq!(escaped("</script><img onerror='\"&"), "&lt;/script&gt;&lt;img onerror=&#39;&quot;&amp;");
    }

    #[test]
    fn long_lists_go_on_below_their_first_item() {
        assert_eq!(listed("seen  ", Vec::new()).to_string(), "");
        assert_eq!(listed("seen  ", ["a 1".to_owned(), "b 2".to_owned()]).to_string(), "seen  a 1, b 2\n");
        let text = listed("seen  ", (0..40).map(|n| format!("marker {n}"))).to_string();
        assert!(
            text.lines().count() > 1 && text.lines().skip(1).all(|line| line.starts_with("      marker"))
        );
        assert!(text.lines().all(|line| line.len() <= WIDTH + 1));
        assert_eq!(text.matches("marker").count(), 40);
    }
}
