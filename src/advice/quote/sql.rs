//! Transact-SQL: a Unicode literal, its quotes doubled.

pub(super) fn literal(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}
