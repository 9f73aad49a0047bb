//! A browser that does as it is told: Chromium behind chromedriver, which speaks WebDriver, JSON over HTTP.
//!
//! As little of both protocols as these tests need. `CHROMEDRIVER` names another program than `chromedriver`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a page may take until it says that it is ready, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one window. It goes away with this.
pub(crate) struct Browser {
    driver: Child,
    /// What it says. Without a reader it would end.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts one with a window of this size, in light or dark colours.
    pub(crate) fn open(width: u32, height: u32, dark: bool) -> Self {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let driver =
            Command::new(&program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = driver.unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let mut output = BufReader::new(driver.stdout.take().expect("its output is piped"));
        let port = port(&mut output);
        let mut browser = Self { driver, _output: output, port, session: String::new() };
        let scheme = format!("--blink-settings=preferredColorScheme={}", u8::from(!dark));
        let window = format!("--window-size={width},{height}");
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            &window,
            &scheme,
        ];
        let options = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": args } });
        let answer = browser.call("POST", "/session", &json!({ "capabilities": { "alwaysMatch": options } }));
        browser.session = answer["sessionId"].as_str().expect("a session has an id").to_owned();
        browser
    }

    /// Opens a file, and waits until it is drawn. How long that took.
    pub(crate) fn visit(&self, file: &Path) -> Duration {
        self.go(&json!({ "url": "about:blank" }));
        let began = Instant::now();
        self.go(&json!({ "url": format!("file://{}", file.display()) }));
        while self.ask("return document.documentElement.dataset.ready || ''") != "yes" {
            let trouble = self.ask("return document.getElementById('trouble').textContent");
            assert!(trouble == "" && began.elapsed() < PATIENCE, "the page is not ready: {trouble}");
        }
        self.settle();
        began.elapsed()
    }

    /// What a script comes to.
    pub(crate) fn ask(&self, script: &str) -> Value {
        self.call("POST", &self.path("execute/sync"), &json!({ "script": script, "args": [] }))
    }

    /// What a script comes to, as text.
    pub(crate) fn text(&self, script: &str) -> String {
        let value = self.ask(script);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Waits until what was asked for is drawn.
    pub(crate) fn settle(&self) {
        self.later(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))",
        );
    }

    /// Waits until a script calls its last argument.
    pub(crate) fn later(&self, script: &str) {
        self.call("POST", &self.path("execute/async"), &json!({ "script": script, "args": [] }));
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&self, key: &str) {
        let actions = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keys = json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] });
        self.call("POST", &self.path("actions"), &keys);
        self.settle();
    }

    /// Clicks on the middle of what a selector finds first.
    pub(crate) fn click(&self, selector: &str) {
        let found = json!({ "using": "css selector", "value": selector });
        let element = self.call("POST", &self.path("element"), &found);
        let id = element.as_object().and_then(|element| element.values().next()?.as_str().map(str::to_owned));
        let id = id.expect("an element has an id");
        self.call("POST", &self.path(&format!("element/{id}/click")), &json!({}));
        self.settle();
    }

    /// Clicks on a point of the window.
    pub(crate) fn click_at(&self, x: f64, y: f64) {
        let actions = json!([
            { "type": "pointerMove", "x": x.round(), "y": y.round() },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let pointer = json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": actions }] });
        self.call("POST", &self.path("actions"), &pointer);
        self.settle();
    }

    /// Takes a picture of the window.
    pub(crate) fn picture(&self, file: &Path) {
        let answer = self.call("GET", &self.path("screenshot"), &Value::Null);
        let bytes = STANDARD.decode(answer.as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    fn go(&self, to: &Value) {
        self.call("POST", &self.path("url"), to);
    }

    fn path(&self, command: &str) -> String {
        format!("/session/{}/{command}", self.session)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}"
        );
        write!(stream, "{head}\r\nContent-Type: application/json\r\n\r\n{body}").unwrap();
        let document = body_of(BufReader::new(stream));
        let document: Value = serde_json::from_slice(&document).unwrap();
        assert!(document["value"]["error"].is_null(), "{method} {path} {body}: {}", document["value"]);
        document["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.call("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// What follows the head of an answer.
fn body_of(mut answer: impl BufRead) -> Vec<u8> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line).unwrap();
        match line.to_ascii_lowercase().trim().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap(),
            None if line.trim().is_empty() => break,
            Some(_) | None => {}
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).unwrap();
    body
}

/// The port that a driver says it listens on.
fn port(output: &mut impl BufRead) -> u16 {
    let said = output.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    said.expect("a driver says on which port it listens")
}
