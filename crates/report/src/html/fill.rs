//! A page from its parts: marks in a template give way to texts, and texts to what a page may hold.
//!
//! A text that holds a mark is not looked at again, so nothing in a run can put anything else in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// The template with the text of each mark in place of the mark.
///
/// # Panics
///
/// When the template does not hold a mark that there is a text for.
pub(super) fn fill(template: &str, texts: &[(&str, &str)]) -> String {
    let mut page =
        String::with_capacity(template.len() + texts.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = template;
    for (mark, text) in texts {
        let (before, after) =
            rest.split_once(mark).unwrap_or_else(|| panic!("the template has no {mark} here"));
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page + rest
}

/// Bytes as small as they get in a page of text.
pub(super) fn packed(parts: &[&[u8]]) -> String {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        packer.write_all(part).expect("a vector takes all that is written to it");
    }
    STANDARD.encode(packer.finish().expect("a vector takes all that is written to it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_texts_stay_texts() {
        assert_eq!(fill("a @@X b @@Y c", &[("@@X", "@@Y"), ("@@Y", "2")]), "a @@Y b 2 c");
    }
}
