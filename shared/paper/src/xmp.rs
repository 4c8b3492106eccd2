//! Metadata as PDF/A wants it: ISO 16684-1 (XMP), with the identification of ISO 19005-3, 6.6.4.

use jiff::civil::Date;

/// Written for a document; it says that this is a PDF/A-3b.
pub(crate) fn of(title: &str, author: &str, date: Date, language: &str) -> String {
    let (title, author, language) = (escaped(title), escaped(author), escaped(language));
    format!(
        r#"<?xpacket begin="{marker}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" pdfaid:conformance="B" dc:format="application/pdf" xmp:CreatorTool="Onward" xmp:CreateDate="{date}T00:00:00Z" xmp:ModifyDate="{date}T00:00:00Z">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator><dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#,
        marker = '\u{FEFF}',
    )
}

/// As it may stand in XML, which has no word for control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{FFFE}' | '\u{FFFF}' => {}
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}
