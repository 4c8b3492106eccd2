//! Reads the text of a PDF again, as far as our own PDFs go.
#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use std::collections::BTreeMap;

/// What each of a font's glyphs stands for.
type Glyphs = BTreeMap<u16, String>;

/// The text of each page, one line per baseline.
pub(crate) fn read(pdf: &[u8]) -> Vec<String> {
    let objects = objects(pdf);
    let dictionary = |number: usize| String::from_utf8_lossy(&objects[&number]).into_owned();
    let page_tree = objects
        .values()
        .map(|object| String::from_utf8_lossy(object))
        .find(|o| o.contains("/Type/Pages"));
    let kids = between(&page_tree.expect("a page tree"), "/Kids[", "]").to_owned();
    let pages = kids.split(" 0 R").filter_map(|kid| kid.trim().parse().ok()).map(dictionary);
    let read_page = |page: String| {
        let resources = dictionary(reference(&page, "/Resources "));
        let fonts = between(&resources, "/Font<<", ">>").split('/').skip(1).map(|entry| {
            let (name, font) = entry.split_once(' ').expect("a font has a name");
            let font =
                dictionary(font.split(' ').next().unwrap().parse().expect("a font is an object"));
            (name.to_owned(), glyphs(&inflated(&objects[&reference(&font, "/ToUnicode ")])))
        });
        text(&inflated(&objects[&reference(&page, "/Contents ")]), &fonts.collect())
    };
    pages.map(read_page).collect()
}

/// Everything from `1 0 obj` to `endobj`, by number.
fn objects(pdf: &[u8]) -> BTreeMap<usize, Vec<u8>> {
    let mut objects = BTreeMap::new();
    let mut rest = pdf;
    while let Some(start) = find(rest, b" 0 obj\n") {
        let digits = rest[..start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[start - digits..start]).unwrap().parse().unwrap();
        let end = find(rest, b"\nendobj").expect("an object ends");
        objects.insert(number, rest[start + 7..end].to_vec());
        rest = &rest[end + 7..];
    }
    objects
}

fn inflated(object: &[u8]) -> Vec<u8> {
    let start = find(object, b"stream\n").expect("a stream") + 7;
    miniz_oxide::inflate::decompress_to_vec_zlib(&object[start..]).expect("a stream inflates")
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before)
        .unwrap_or_else(|| panic!("no `{before}` in {text}"))
        .1
        .split(after)
        .next()
        .unwrap()
}

fn reference(dictionary: &str, key: &str) -> usize {
    between(dictionary, key, " 0 R").parse().expect("a reference is a number")
}

/// From the lines `<0001> <004E>` of a ToUnicode map.
fn glyphs(map: &[u8]) -> Glyphs {
    let map = String::from_utf8_lossy(map);
    let pairs =
        map.lines().filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <"));
    let pairs = pairs.filter(|pair| *pair != ("0000", "FFFF"));
    let hex = |hex: &str| u16::from_str_radix(hex, 16).unwrap();
    let utf16 = |text: &str| {
        (0..text.len()).step_by(4).map(|at| hex(&text[at..at + 4])).collect::<Vec<_>>()
    };
    pairs.map(|(glyph, text)| (hex(glyph), String::from_utf16(&utf16(text)).unwrap())).collect()
}

/// Runs the operators that matter: `Tf` picks a font, `Td` a place, `TJ` draws; an `ActualText` replaces
/// what is drawn until `EMC`.
fn text(content: &[u8], fonts: &BTreeMap<String, Glyphs>) -> String {
    let (mut page, mut baseline, mut replaced) = (String::new(), String::new(), false);
    let (mut font, mut words, mut strings) = (None, Vec::<String>::new(), Vec::<Vec<u8>>::new());
    for token in Tokens(content) {
        match token {
            Token::String(string) => strings.push(string),
            Token::Word(word) => match word.as_str() {
                "Tf" => font = fonts.get(words[words.len() - 2].trim_start_matches('/')),
                "Td" if words[words.len() - 1] != baseline => {
                    baseline = words[words.len() - 1].clone();
                    page.push('\n');
                }
                "BDC" if words.iter().any(|word| word == "/ActualText") => {
                    page.push_str(&utf16_be(&strings.pop().expect("a text")));
                    replaced = true;
                }
                "EMC" => {
                    strings.clear();
                    replaced = false;
                }
                "Tj" | "TJ" if !replaced => {
                    let font = font.expect("a font");
                    for glyph in strings.drain(..).flat_map(pairs) {
                        page.push_str(font.get(&glyph).map_or("\u{FFFD}", String::as_str));
                    }
                }
                "ET" | "Q" => strings.clear(),
                _ => words.push(word),
            },
        }
    }
    page
}

fn pairs(bytes: Vec<u8>) -> Vec<u16> {
    bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn utf16_be(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&[0xFE, 0xFF]) {
        Some(text) => String::from_utf16(&pairs(text.to_vec())).unwrap(),
        None => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

enum Token {
    Word(String),
    String(Vec<u8>),
}

struct Tokens<'a>(&'a [u8]);

impl Tokens<'_> {
    fn take(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn hex(&mut self) -> Vec<u8> {
        let mut digits = String::new();
        while let Some(byte) = self.take().filter(|&byte| byte != b'>') {
            digits.push(byte.into());
        }
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect()
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut string, mut depth) = (Vec::new(), 0);
        while let Some(byte) = self.take() {
            match byte {
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                b'(' => depth += 1,
                b'\\' => {
                    let escaped = self.escaped();
                    string.push(escaped);
                    continue;
                }
                _ => {}
            }
            string.push(byte);
        }
        string
    }

    fn escaped(&mut self) -> u8 {
        match self.take().expect("something is escaped") {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            digit @ b'0'..=b'7' => {
                let mut octal = String::from(char::from(digit));
                while octal.len() < 3
                    && self.0.first().is_some_and(|next| (b'0'..=b'7').contains(next))
                {
                    octal.push(self.take().unwrap().into());
                }
                u8::from_str_radix(&octal, 8).unwrap()
            }
            other => other,
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let delimiter = |byte: u8| byte.is_ascii_whitespace() || b"()<>[]/".contains(&byte);
        loop {
            let byte = self.take()?;
            match byte {
                b'(' => return Some(Token::String(self.literal())),
                b'<' if self.0.first() != Some(&b'<') => return Some(Token::String(self.hex())),
                b'<' => drop(self.take()),
                b'/' => {}
                _ if delimiter(byte) => continue,
                _ => {}
            }
            let length = self.0.iter().position(|&next| delimiter(next)).unwrap_or(self.0.len());
            let word = String::from_utf8_lossy(&self.0[..length]).into_owned();
            self.0 = &self.0[length..];
            if byte != b'<' {
                return Some(Token::Word(format!("{}{word}", char::from(byte))));
            }
        }
    }
}
