//! What each glyph of a font stands for, so that text can be searched, copied and read aloud.
//!
//! PDF 32000-1:2008, 9.10.3, and Adobe's Technical Note 5014 on the language it is written in.

use std::fmt::Write as _;

const HEAD: &str = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) \
                    /Ordering (UCS) /Supplement 0 >> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n\
                    1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
const FOOT: &str = "endcmap CMapName currentdict /CMap defineresource pop end end";

/// No list may be longer.
const LIST_MAX: usize = 100;

/// Written for texts by the number of their glyph; a glyph that stands for nothing has none.
pub(crate) fn of(texts: &[String]) -> Vec<u8> {
    let mut cmap = HEAD.to_owned();
    let pairs: Vec<(usize, &String)> =
        texts.iter().enumerate().filter(|(_, text)| !text.is_empty()).collect();
    for list in pairs.chunks(LIST_MAX) {
        write_list(&mut cmap, list).expect("a string takes whatever is written");
    }
    cmap.push_str(FOOT);
    cmap.into_bytes()
}

fn write_list(cmap: &mut String, list: &[(usize, &String)]) -> std::fmt::Result {
    writeln!(cmap, "{} beginbfchar", list.len())?;
    for (number, text) in list {
        write!(cmap, "<{number:04X}> <")?;
        for unit in text.encode_utf16() {
            write!(cmap, "{unit:04X}")?;
        }
        cmap.push_str(">\n");
    }
    cmap.push_str("endbfchar\n");
    Ok(())
}
