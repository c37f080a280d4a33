//! Instances that are written plainly: nothing but `key = 'text'` and `key = ['text', 'text']`
//! below their `[[instance]]`. A list of thousands is made of them, and they are read from the
//! text as it stands, which takes a fraction of what a parser of all of TOML does. Whatever
//! else there is, and every mistake, is left to that.

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::error::Gap;
use super::section::Given;

const HEADER: &str = "[[instance]]";

/// What a text holds beside its plain instances.
pub(super) struct Rest {
    /// Its lines, one after the other.
    pub text: String,
    /// Where lines were left out.
    pub gaps: Vec<Gap>,
}

/// One plain instance.
pub(super) struct Table<'f, 't> {
    /// Where its table begins, as a byte offset.
    pub at: usize,
    /// The same as a line, from 1.
    pub line: usize,
    /// Its fields, no key twice.
    pub fields: &'f [Field<'t>],
}

/// One line of it.
pub(super) struct Field<'t> {
    /// The key, which is bare.
    pub key: &'t str,
    /// Where it stands, as a byte offset.
    pub at: usize,
    /// The same as a line, from 1.
    pub line: usize,
    /// The value.
    pub value: Given<'t>,
}

/// Hands the plain instances of a text over, one by one, for as long as they are taken, and
/// returns what is left. `None` where there are none, where one is not taken, and where a text
/// of several lines could hold what looks like one.
pub(super) fn split<'t>(
    text: &'t str,
    mut take: impl FnMut(Table<'_, 't>) -> bool,
) -> Option<Rest> {
    let mut leaving = Leaving::of(text);
    // Where the table that is open begins, and its fields.
    let mut open = None;
    let mut fields = Vec::new();
    // The first one stays: should `instance` be something else above it, that is told as ever.
    let mut is_first = true;
    let mut begin = 0;
    for line in 1.. {
        let Some(content) = content_at(text, begin) else {
            break;
        };
        let next = begin + content.len() + 1;
        let at = begin + blanks(content);
        let content = trimmed(content, next <= text.len());
        if content == HEADER {
            leaving.close(open.take(), (begin, line), &fields, &mut take)?;
            fields.clear();
            open = (!is_first).then_some((begin, line));
            is_first = false;
        } else if is_comment(content) {
            // In front of a quote in a message, they are counted.
            if has_long_quotes(content) {
                return None;
            }
        } else if !(open.is_some() && add(&mut fields, content, at, line)) {
            if has_long_quotes(content) {
                return None;
            }
            open = None;
            fields.clear();
        }
        begin = next;
    }
    // Behind each that is closed stands another one or nothing: no table of it, and no list
    // that it could lie in, for none holds a header.
    leaving.close(open, (text.len(), usize::MAX), &fields, &mut take)?;
    leaving.rest()
}

/// A text of which tables are left out.
struct Leaving<'t> {
    text: &'t str,
    rest: Rest,
    /// All in front of it was copied or left out.
    until: usize,
}

impl<'t> Leaving<'t> {
    fn of(text: &'t str) -> Self {
        let rest = Rest {
            text: String::new(),
            gaps: Vec::new(),
        };
        let until = 0;
        Self { text, rest, until }
    }

    /// Hands the open table over, if it has any fields, and leaves it out, up to `end`. `None`
    /// where it is not taken.
    fn close<'f>(
        &mut self,
        open: Option<(usize, usize)>,
        (end, end_line): (usize, usize),
        fields: &'f [Field<'t>],
        take: &mut impl FnMut(Table<'f, 't>) -> bool,
    ) -> Option<()> {
        let Some((at, line)) = open.filter(|_| !fields.is_empty()) else {
            return Some(());
        };
        self.rest.text.push_str(&self.text[self.until..at]);
        self.until = end;
        Gap::add(
            &mut self.rest.gaps,
            self.rest.text.len(),
            end - at,
            end_line.saturating_sub(line),
        );
        take(Table { at, line, fields }).then_some(())
    }

    fn rest(mut self) -> Option<Rest> {
        if self.rest.gaps.is_empty() {
            return None;
        }
        self.rest.text.push_str(&self.text[self.until..]);
        Some(self.rest)
    }
}

/// The line that begins there, without its end. `None` behind the last one.
fn content_at(text: &str, begin: usize) -> Option<&str> {
    let rest = text.get(begin..)?;
    let end = rest.bytes().position(|byte| byte == b'\n');
    Some(end.map_or(rest, |end| &rest[..end]))
}

/// How many blanks a line begins with.
fn blanks(content: &str) -> usize {
    let bytes = content.bytes();
    bytes.take_while(|byte| is_blank(*byte)).count()
}

/// A line without its blanks, and where it `ends`, without the first half of `\r\n`.
fn trimmed(content: &str, ends: bool) -> &str {
    let half = content.strip_suffix('\r').filter(|_| ends);
    let content = half.unwrap_or(content);
    let behind = content.bytes().rev();
    let behind = behind.take_while(|byte| is_blank(*byte)).count();
    let content = &content[..content.len() - behind];
    &content[blanks(content)..]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Adds a line of a table. Returns whether it is plain, and its key a new one.
fn add<'t>(fields: &mut Vec<Field<'t>>, content: &'t str, at: usize, line: usize) -> bool {
    let is_new = |field: &Field<'_>| fields.iter().all(|known| known.key != field.key);
    let field = field(content, at, line).filter(is_new);
    let is_plain = field.is_some();
    fields.extend(field);
    is_plain
}

/// Quotes of a text that may run over several lines.
fn has_long_quotes(content: &str) -> bool {
    ["'''", "\"\"\""]
        .iter()
        .any(|quotes| content.contains(quotes))
}

/// Nothing, or a comment. In a comment that holds a control character is a mistake.
fn is_comment(content: &str) -> bool {
    content.is_empty() || (content.starts_with('#') && is_printable(content))
}

fn is_printable(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_control())
}

/// `key = value`, where `content` begins at `at` of the text.
fn field(content: &str, at: usize, line: usize) -> Option<Field<'_>> {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let end = content.bytes().position(|byte| !is_bare(byte))?;
    let (key, rest) = content.split_at_checked(end).filter(|_| end > 0)?;
    let rest = rest[blanks(rest)..].strip_prefix('=')?;
    let rest = &rest[blanks(rest)..];
    let place = at + content.len() - rest.len();
    let (value, behind) = match rest.strip_prefix('[') {
        Some(list) => texts(list, place)?,
        None => text(rest, place)?,
    };
    behind.is_empty().then_some(Field {
        key,
        at,
        line,
        value,
    })
}

/// A text in quotes that stands for itself, and what follows it.
fn text(rest: &str, at: usize) -> Option<(Given<'_>, &str)> {
    let quote = rest
        .bytes()
        .next()
        .filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let inner = &rest[1..];
    let stands_for_itself =
        |byte: u8| !byte.is_ascii_control() && (quote == b'\'' || byte != b'\\');
    let mut bytes = inner.bytes();
    let end = bytes.position(|byte| byte == quote || !stands_for_itself(byte))?;
    let (inner, behind) = inner.split_at_checked(end)?;
    let behind = behind.strip_prefix(char::from(quote))?;
    let span = at..at + inner.len() + 2;
    Some((Spanned::new(span, DeValue::String(inner.into())), behind))
}

/// A list of such texts behind its `[`, which stands at `at`, and what follows it.
fn texts(list: &str, at: usize) -> Option<(Given<'_>, &str)> {
    let end = at + 1 + list.len();
    let mut found = DeArray::new();
    let mut rest = &list[blanks(list)..];
    while !rest.starts_with(']') {
        let (value, behind) = text(rest, end - rest.len())?;
        found.push(value);
        rest = &behind[blanks(behind)..];
        match rest.strip_prefix(',') {
            Some(next) => rest = &next[blanks(next)..],
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
        let mut count = 0;
        let count_one = |_: super::Table<'_, '_>| {
            count += 1;
            true
        };
        split(text, count_one).map_or(0, |_| count)
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
            1 => Just("# '''"),
            1 => Just("[screen]"),
            1 => Just("filter = 'state:down'"),
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
