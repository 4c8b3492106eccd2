//! A ZIP of files that are stored as they are, so that each is a range of its bytes, and any tool opens it.
//!
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3 and 4.4. Of all that a ZIP can be, this is the
//! smallest part: nothing compressed, encrypted, streamed or dated, and far below 4 GiB and 65,536 files.

/// 2.0, which can folders.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const STORED: u16 = 0;
/// The first of January 1980, midnight: the beginning of time, as MS-DOS counts it. The same files make the same bytes.
const TIME: u16 = 0;
const DATE: u16 = (1 << 5) | 1;

/// A ZIP that is being written.
#[derive(Default)]
pub(crate) struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// Adds a file, and tells at which byte it begins. No two may have the same name.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> u64 {
        let header_at = length(&self.bytes);
        let checksum = crc32fast::hash(content);
        put32(&mut self.bytes, 0x0403_4b50);
        describe(&mut self.bytes, checksum, content, name);
        self.bytes.extend_from_slice(name.as_bytes());
        let content_at = self.bytes.len() as u64;
        self.bytes.extend_from_slice(content);

        put32(&mut self.directory, 0x0201_4b50);
        put16(&mut self.directory, [VERSION]);
        describe(&mut self.directory, checksum, content, name);
        // No comment, the first disk, no attributes.
        put16(&mut self.directory, [0; 5]);
        put32(&mut self.directory, header_at);
        self.directory.extend_from_slice(name.as_bytes());
        self.count += 1;
        content_at
    }

    /// All of its bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let directory_at = length(&self.bytes);
        self.bytes.extend_from_slice(&self.directory);
        put32(&mut self.bytes, 0x0605_4b50);
        put16(&mut self.bytes, [0, 0, self.count, self.count]);
        put32(&mut self.bytes, length(&self.directory));
        put32(&mut self.bytes, directory_at);
        put16(&mut self.bytes, [0]);
        self.bytes
    }
}

/// What a file's own header and the directory both say of it.
fn describe(to: &mut Vec<u8>, checksum: u32, content: &[u8], name: &str) {
    put16(to, [VERSION, FLAGS, STORED, TIME, DATE]);
    put32(to, checksum);
    // Compressed, and not.
    put32(to, length(content));
    put32(to, length(content));
    let name_length = u16::try_from(name.len()).expect("an order has a short name");
    put16(to, [name_length, 0]);
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a function has no 4 GiB")
}

fn put16<const COUNT: usize>(to: &mut Vec<u8>, numbers: [u16; COUNT]) {
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(to: &mut Vec<u8>, number: u32) {
    to.extend(number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    /// Prints of each file its name, size, first byte's place and content, once all checksums are right.
    const READ: &str = "
import io, struct, sys, zipfile
whole = sys.stdin.buffer.read()
archive = zipfile.ZipFile(io.BytesIO(whole))
assert archive.testzip() is None
for entry in archive.infolist():
    name, extra = struct.unpack('<HH', whole[entry.header_offset + 26:entry.header_offset + 30])
    place = entry.header_offset + 30 + name + extra
    assert whole[place:place + entry.file_size] == archive.read(entry)
    print(entry.filename, entry.file_size, place, entry.date_time[0], archive.read(entry).hex(), sep='|')
";

    #[test]
    fn another_program_reads_what_was_written_at_the_places_that_were_told() {
        let files: [(&str, &[u8]); 3] = [
            ("shop/1/invoice.pdf", b"%PDF-1.7"),
            ("shop/注文/label-P1.zpl", b"^XA\0\xff"),
            ("shop/2/e", b""),
        ];
        let mut zip = Zip::default();
        let expected: String = files
            .iter()
            .map(|(name, content)| {
                let hex: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{name}|{}|{}|1980|{hex}\n", content.len(), zip.add(name, content))
            })
            .collect();
        let mut python = Command::new("python3");
        let python =
            python.args(["-X", "utf8", "-c", READ]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut python = python.spawn().unwrap();
        python.stdin.take().unwrap().write_all(&zip.finish()).unwrap();
        let read = python.wait_with_output().unwrap();
        assert!(read.status.success());
        assert_eq!(String::from_utf8(read.stdout).unwrap(), expected);
    }
}
