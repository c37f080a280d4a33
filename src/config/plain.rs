//! Instances that are written plainly: nothing but `key = 'text'` and `key = ['text', 'text']`
//! below their `[[instance]]`. A list of thousands is made of them, and they are read from the
//! text as it stands, which takes a fraction of what a parser of all of TOML does. Whatever
//! else there is, and every mistake, is left to that.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::error::Source;
use super::section::Given;

const HEADER: &str = "[[instance]]";

/// A text, taken apart.
#[derive(Default)]
pub(super) struct Split<'t> {
    /// The text with blanks in place of the plain instances: all else is where it was.
    pub rest: String,
    /// The plain instances.
    pub tables: Vec<Table>,
    fields: Vec<Field<'t>>,
}

/// One plain instance.
pub(super) struct Table {
    /// Where its table begins, as a byte offset.
    pub at: usize,
    /// Its fields among those of all.
    fields: Range<usize>,
}

/// One line of it.
pub(super) struct Field<'t> {
    /// The key, which is bare.
    pub key: &'t str,
    /// Where it stands, as a byte offset.
    pub at: usize,
    /// The value.
    pub value: Given<'t>,
}

/// Takes the plain instances out of a text. `None` where there are none, and where a text of
/// several lines could hold what looks like one.
pub(super) fn split<'t>(source: &Source<'t>) -> Option<Split<'t>> {
    let text = source.text();
    let mut split = Split::default();
    let mut open = None;
    // The first one stays: should `instance` be something else above it, that is told as ever.
    let mut is_first = true;
    for (begin, line) in source.lines() {
        let content = line
            .strip_suffix('\n')
            .map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        let at = begin + content.len() - content.trim_start_matches(is_blank).len();
        let content = content.trim_matches(is_blank);
        if content == HEADER {
            split.close(text, open.take(), begin);
            open = (!is_first).then_some((begin, split.fields.len()));
            is_first = false;
        } else if !is_comment(content)
            && !open.is_some_and(|(_, first)| split.take(first, content, at))
        {
            if ["'''", "\"\"\""]
                .iter()
                .any(|quotes| content.contains(quotes))
            {
                return None;
            }
            if let Some((_, first)) = open.take() {
                split.fields.truncate(first);
            }
        }
    }
    // Behind each that is closed stands another one or nothing: no table of it, and no list
    // that it could lie in, for none holds a header.
    split.close(text, open, text.len());
    if split.tables.is_empty() {
        return None;
    }
    split.rest.push_str(&text[split.rest.len()..]);
    Some(split)
}

impl<'t> Split<'t> {
    /// The fields of one of the tables.
    pub(super) fn fields(&self, table: &Table) -> &[Field<'t>] {
        &self.fields[table.fields.clone()]
    }

    /// Takes a line of the table whose fields begin at `first`. Returns whether it is plain.
    fn take(&mut self, first: usize, content: &'t str, at: usize) -> bool {
        let field = field(content, at);
        let is_new = |field: &Field<'_>| {
            let mut known = self.fields[first..].iter();
            known.all(|known| known.key != field.key)
        };
        let field = field.filter(is_new);
        let is_plain = field.is_some();
        self.fields.extend(field);
        is_plain
    }

    /// Takes the table that is open out of the text, up to `end`.
    fn close(&mut self, text: &str, open: Option<(usize, usize)>, end: usize) {
        let last = self.fields.len();
        if let Some((at, first)) = open
            && first < last
        {
            self.rest.push_str(&text[self.rest.len()..at]);
            self.rest.push_str(&" ".repeat(end - at));
            let fields = first..last;
            self.tables.push(Table { at, fields });
        }
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Nothing, or a comment. In a comment that holds a control character is a mistake.
fn is_comment(content: &str) -> bool {
    content.is_empty() || (content.starts_with('#') && is_printable(content))
}

fn is_printable(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_control())
}

/// `key = value`, where `content` begins at `at` of the text.
fn field(content: &str, at: usize) -> Option<Field<'_>> {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let end = content.bytes().position(|byte| !is_bare(byte))?;
    let (key, rest) = content.split_at_checked(end).filter(|_| end > 0)?;
    let rest = rest.trim_start_matches(is_blank).strip_prefix('=')?;
    let rest = rest.trim_start_matches(is_blank);
    let place = at + content.len() - rest.len();
    let (value, behind) = match rest.strip_prefix('[') {
        Some(list) => texts(list, place)?,
        None => text(rest, place)?,
    };
    behind.is_empty().then_some(Field { key, at, value })
}

/// A text in quotes that stands for itself, and what follows it.
fn text(rest: &str, at: usize) -> Option<(Given<'_>, &str)> {
    let quote = rest
        .bytes()
        .next()
        .filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let inner = &rest[1..];
    let end = inner.bytes().position(|byte| byte == quote)?;
    let (inner, behind) = (&inner[..end], &inner[end + 1..]);
    let stands_for_itself = is_printable(inner) && (quote == b'\'' || !inner.contains('\\'));
    let span = at..at + inner.len() + 2;
    let value = DeValue::String(inner.into());
    stands_for_itself.then(|| (Spanned::new(span, value), behind))
}

/// A list of such texts behind its `[`, which stands at `at`, and what follows it.
fn texts(list: &str, at: usize) -> Option<(Given<'_>, &str)> {
    let end = at + 1 + list.len();
    let mut found = DeArray::new();
    let mut rest = list.trim_start_matches(is_blank);
    while !rest.starts_with(']') {
        let (value, behind) = text(rest, end - rest.len())?;
        found.push(value);
        rest = behind.trim_start_matches(is_blank);
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start_matches(is_blank),
            None if rest.starts_with(']') => {}
            None => return None,
        }
    }
    let behind = &rest[1..];
    let value = DeValue::Array(found);
    Some((Spanned::new(at..end - behind.len(), value), behind))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::split;
    use crate::config::Loaded;
    use crate::config::error::Source;
    use crate::config::file::{read, whole};

    fn plain(text: &str) -> usize {
        split(&Source::new(text, Path::new("f"))).map_or(0, |split| split.tables.len())
    }

    #[test]
    fn all_but_the_first_plain_instance_are_taken_out() {
        let one = "[[instance]]\nserver = 'db1\\PROD' \nname=\"One\"\r\n# two\ntags = [ 'a' , \"b\", ]\n\n";
        assert_eq!(plain(&one.repeat(5)), 4);
    }

    #[test]
    fn what_only_a_parser_can_read_is_left_to_it() {
        let first = "[[instance]]\nserver = 'db1'\n";
        for other in [
            "server = \"db1\\\\PROD\"",
            "server = 'db1' # the old one",
            "server = 'db1'\nserver = 'db2'",
            "expected_live = 2",
            "tags = ['a',\n'b']",
            "note = '''\n[[instance]]\nserver = 'db1'\n'''",
            "server = 'db1'\n[instance.timeout]\nconnect = '1s'",
            "server = 'db1'\n[probe]\nrate = 1",
            "server = 'db\u{7}1'",
            "# \u{7}\nserver = 'db1'",
            "",
        ] {
            let text = format!("{first}[[instance]]\n{other}\n");
            assert_eq!(plain(&text), 0, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_taken_out_is_what_a_parser_reads(lines in proptest::collection::vec(prop_oneof![
            6 => Just("[[instance]]"),
            1 => Just(" [[instance]] "),
            1 => Just("[[instance]] # again"),
            1 => Just("[[ instance ]]"),
            1 => Just("instance = 1"),
            1 => Just("instance = ["),
            1 => Just("[instance]"),
            1 => Just("[instance.timeout]"),
            1 => Just("connect = '2s'"),
            1 => Just("[probe]"),
            1 => Just("rate = 7"),
            1 => Just("[[maintenance]]"),
            1 => Just("tags = ["),
            1 => Just("]"),
            1 => Just("}"),
            1 => Just("timeout = {"),
            4 => Just("server = 'db1'"),
            4 => Just("server = \"db2,1433\""),
            1 => Just("server = 'tcp:db3\\PROD'\r"),
            1 => Just("server = \"db4\\\\PROD\""),
            1 => Just("server = 'db5/PROD'"),
            1 => Just("server = 5"),
            1 => Just("'server' = 'db6'"),
            3 => Just("name = 'One'"),
            1 => Just("\tname\t=\t\"Two\"\t"),
            1 => Just("name = '  '"),
            1 => Just("name = 'Three' 'Four'"),
            2 => Just("tags = ['a', \"b\",]"),
            1 => Just("tags = ['a' 'b']"),
            1 => Just("tags = [,]"),
            1 => Just("tags = []"),
            1 => Just("platform = 'windows'"),
            1 => Just("platform = 'beos'"),
            1 => Just("naem = 'Five'"),
            1 => Just("note = '''"),
            1 => Just("interval = '5s'"),
            2 => Just(""),
            1 => Just("# ünter"),
            1 => Just("# \u{1b}"),
            1 => Just("\r"),
            1 => Just("= 'x'"),
        ], 0..16)) {
            let text = lines.join("\n");
            let source = Source::new(&text, Path::new("f"));
            let (quick, slow) = (read(&source), whole(&source));
            let loaded = |found| Loaded::of(found, &source);
            prop_assert_eq!(quick.map(loaded), slow.map(loaded));
        }
    }
}
