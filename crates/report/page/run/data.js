// From the text in the page to columns of numbers: base64, gzip, a line of JSON, then a number behind another.
// What a column means is not known here.

async function unpack(text) {
  const packed = bytesOf(text.trim());
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const end = bytes.indexOf(10);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  return { head, columns: readColumns(head.columns, bytes, end + 1) };
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// Each number is the value itself or how much it is more than one above it: the one before it, or the last one of
// the same key. Its sign is in the lowest bit; seven bits a byte, the lowest first.
function readColumns(columns, bytes, at) {
  const read = {};
  for (const { name, length, form } of columns) {
    const values = new Float64Array(length);
    const last = new Float64Array(1 << 12);
    for (let i = 0; i < length; i++) {
      let byte = bytes[at++];
      let value = byte & 127;
      for (let scale = 128; byte > 127; scale *= 128) {
        byte = bytes[at++];
        value += (byte & 127) * scale;
      }
      value = value % 2 ? -(value + 1) / 2 : value / 2;
      const key = form === "keyed" ? read.what[i] * 64 + read.node[i] : 0;
      if (form !== "plain") last[key] = value += last[key];
      values[i] = value;
    }
    read[name] = values;
  }
  return read;
}
