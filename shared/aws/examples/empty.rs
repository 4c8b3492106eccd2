//! The least that a function can be: `make bench` holds the cold starts and sizes of ours against it.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

fn main() -> Result<(), lambda_runtime::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = async |_: LambdaEvent<Value>| Ok::<_, lambda_runtime::Error>(Value::Null);
    runtime.block_on(lambda_runtime::run(service_fn(answer)))
}
