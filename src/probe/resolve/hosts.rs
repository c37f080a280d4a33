//! The hosts file: names that this machine knows by itself.

use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A hosts file is read up to here.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// The addresses that `file` gives to `name`, in its order, both families. A file
/// that cannot be read gives none.
pub fn lookup(file: Option<&Path>, name: &str) -> Vec<IpAddr> {
    let file = file.map_or_else(system_file, Path::to_path_buf);
    let mut text = Vec::new();
    let read =
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
    match read {
        Ok(_) => addresses(&String::from_utf8_lossy(&text), name),
        Err(_) => Vec::new(),
    }
}

fn addresses(text: &str, name: &str) -> Vec<IpAddr> {
    let name = name.trim_end_matches('.');
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        // A scope id (`fe80::1%eth0`) is left out: the evidence holds plain addresses.
        let address = words
            .next()
            .and_then(|word| word.split('%').next()?.parse().ok());
        let Some(address) = address else { continue };
        let named = words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(name));
        if named && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

fn system_file() -> PathBuf {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        Path::new(&root).join(r"System32\drivers\etc\hosts")
    } else {
        PathBuf::from("/etc/hosts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "127.0.0.1 localhost\n# 10.0.0.1 db1\n10.0.0.2\tDB1.corp.test db1 # old\nfd00::2 db1\nnonsense db1\n";

    #[test]
    fn a_name_has_the_addresses_of_both_families() {
        let expected: [IpAddr; 2] = ["10.0.0.2".parse().unwrap(), "fd00::2".parse().unwrap()];
        assert_eq!(addresses(FILE, "Db1"), expected);
        assert_eq!(addresses(FILE, "db1.corp.test."), expected[..1]);
    }

    #[test]
    fn a_name_that_is_not_there_has_none() {
        assert!(addresses(FILE, "old").is_empty());
        assert!(lookup(Some(Path::new("/nowhere/hosts")), "db1").is_empty());
    }

    #[cfg(windows)]
    #[test]
    fn the_hosts_file_of_windows_is_where_windows_has_it() {
        let file = system_file();
        assert!(file.ends_with(r"System32\drivers\etc\hosts"), "{file:?}");
        assert!(file.is_absolute() && file.is_file(), "{file:?}");
    }
}
