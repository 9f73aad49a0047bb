//! The near miss: which known word somebody may have meant.
//!
//! Used by every error that names an unknown word. It knows no language, only words.

/// The longest word that is worth a guess, in characters; it also bounds the work on hostile input.
const LONGEST: usize = 40;

/// The known word that is closest to `word`, if it is close enough to have been meant: at most one change in
/// three characters. Swapping two neighbours counts as one change. The first of equals wins.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = (length / 3).max(1);
    let judged = known.into_iter().map(|other| (distance(word, other), other));
    judged.filter(|&(far, _)| far <= allowed).min_by_key(|&(far, _)| far).map(|(_, other)| other)
}

/// How many characters must be inserted, removed, replaced or swapped with a neighbour; case is no change.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_changes() {
        let table = [
            ("", "", 0),
            ("loss", "loss", 0),
            ("Loss", "loss", 0),
            ("los", "loss", 1),
            ("lsos", "loss", 1),
            ("latnecy", "latency", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
        ];
        for (a, b, expected) in table {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["latency", "loss", "duplicate", "reorder"];
        assert_eq!(nearest("los", known), Some("loss"));
        assert_eq!(nearest("latnecy", known), Some("latency"));
        assert_eq!(nearest("duplikat", known), Some("duplicate"));
        assert_eq!(nearest("bandwidth", known), None);
        assert_eq!(nearest(&"loss".repeat(1_000), known), None);
    }
}
