//! No step waits for one answer after the other where it could ask for both at once.

use anyhow::Result;
use expect_test::expect_file;
use tests::bench::onward::{Answers, Onward};
use tests::bench::rounds::{Paths, page};
use tests::bench::stories::{tell_in, told};

#[test]
fn steps_wait_for_what_they_must_and_no_more() -> Result<()> {
    let mut paths = Paths::new();
    for (story, arrival) in told() {
        let mut onward = Onward::begin(Answers::InRounds)?;
        if arrival.orders == 1 {
            onward.tells_everyone()?;
        }
        tell_in(&mut onward, story, arrival)?;
        for (function, ways) in onward.paths() {
            let known = paths.entry(function).or_default();
            ways.into_iter()
                .for_each(|(handed, ways)| known.entry(handed).or_default().extend(ways));
        }
    }
    expect_file!["../bench/rounds.txt"].assert_eq(&page(&paths));
    Ok(())
}
