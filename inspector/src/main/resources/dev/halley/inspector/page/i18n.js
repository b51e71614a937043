// What the page says, in English and Chinese.

const TEXTS = {
  en: {
    connections: 'Connections', timeline: 'Timeline', details: 'Details',
    pause: 'Pause', resume: 'Go on', theme: 'Theme', language: '中文',
    lost: 'The tap is gone', search: 'Search in contents…', filterLabel: 'Kinds',
    totals: (c, open, frames, bytes, broken) =>
      `${c} connections, ${open} open · ${frames} frames · ${bytes} bytes · ${broken} rules broken`,
    all: 'everything', http: 'HTTP', sse: 'event streams', frame: 'frames', data: 'messages', control: 'control frames', error: 'broken rules',
    none: 'Nothing yet. Let a client connect.', choose: 'Choose something in the timeline.',
    older: (n) => `${n} older ones are not drawn`, gap: (n) => `${n} events passed unseen: they came faster than they were shown`,
    about: (events, broken) => `${events} events${broken ? `, ${broken} broken rules` : ''}`, over: 'ended',
    open: 'connected', end: 'ended', notice: 'note', body: 'body', comment: 'comment', handshake: 'WebSocket handshake', event: 'event',
    after: (d) => `after ${d}`, held: (d) => `long poll, held for ${d}`, part: (f, m) => `part ${f} of message ${m}`,
    http2: 'HTTP/2 frames', stream: 'stream', flags: 'flags', coding: 'content coding', undecoded: 'not decoded',
    incomplete: 'incomplete', inflated: 'inflated', cut: (shown, all) => `the first ${shown} of ${all} bytes`,
    payload: 'Payload', content: 'Content', onWire: 'Bytes on the wire', unmasked: 'Payload, unmasked', headers: 'Header fields',
    inflatedTo: 'The message, inflated', diagram: 'The frame', hint: 'Point at a field, or move to it with Tab, to see its bytes.',
    time: 'time', direction: 'direction', toServer: 'client → server', toClient: 'server → client', size: 'size', form: 'length form', message: 'message', code: 'close code', reason: 'reason', number: 'frame',
    hsIntro: 'A server proves that it has read the request as a WebSocket server does: it works out an answer to the key that nobody else would.',
    hsKey: 'The client sends a random key, 16 bytes in Base64:', hsGuid: 'The server puts behind it a text that is the same everywhere:',
    hsSha: 'It takes SHA-1 of that, 20 bytes:', hsBase64: 'and writes them in Base64:', hsAccept: 'That has to be its Sec-WebSocket-Accept, and it sent:',
    right: 'The accept is right.', wrong: 'The accept is wrong.', protocols: 'subprotocols', extensions: 'extensions', offered: 'offered', chosen: 'chosen', nothing: 'none',
    f_fin: 'FIN: 1 in the last frame of a message. A message in one frame has it at once.',
    f_rsv1: 'RSV1: reserved. With permessage-deflate, 1 in the first frame says that the message is compressed.',
    f_rsv2: 'RSV2: reserved for extensions, else 0.', f_rsv3: 'RSV3: reserved for extensions, else 0.',
    f_opcode: 'Opcode: 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong; the others are reserved.',
    f_mask: 'MASK: 1 if the payload is masked. Clients always mask, servers never do.',
    f_length: 'Payload length: 0 to 125 is the length itself; 126: it is in the next 16 bits; 127: in the next 64.',
    f_extended: 'Extended payload length, in network byte order, never longer than it needs to be.',
    f_key: 'Masking key: byte i of the payload is combined with byte i mod 4 of it by exclusive or.',
    f_payload: 'Payload data. What is on the wire is masked if MASK is 1.',
  },
  zh: {
    connections: '连接', timeline: '时间线', details: '详情',
    pause: '暂停', resume: '继续', theme: '主题', language: 'English',
    lost: '与 tap 的连接已断开', search: '在内容中搜索…', filterLabel: '种类',
    totals: (c, open, frames, bytes, broken) =>
      `${c} 个连接，${open} 个打开 · ${frames} 帧 · ${bytes} 字节 · ${broken} 处违规`,
    all: '全部', http: 'HTTP', sse: '事件流', frame: '帧', data: '消息', control: '控制帧', error: '违反规则',
    none: '还没有内容，请让客户端连接。', choose: '请在时间线中选择一项。',
    older: (n) => `另有 ${n} 条较早的未绘出`, gap: (n) => `有 ${n} 个事件来得太快，未能显示`,
    about: (events, broken) => `${events} 个事件${broken ? `，${broken} 处违规` : ''}`, over: '已结束',
    open: '已连接', end: '已结束', notice: '说明', body: '正文', comment: '注释', handshake: 'WebSocket 握手', event: '事件',
    after: (d) => `用时 ${d}`, held: (d) => `长轮询，保持了 ${d}`, part: (f, m) => `消息 ${m} 的第 ${f} 片`,
    http2: 'HTTP/2 帧', stream: '流', flags: '标志', coding: '内容编码', undecoded: '未解码',
    incomplete: '不完整', inflated: '已解压', cut: (shown, all) => `共 ${all} 字节，显示前 ${shown} 字节`,
    payload: '载荷', content: '内容', onWire: '线路上的字节', unmasked: '去掩码后的载荷', headers: '头字段',
    inflatedTo: '解压后的消息', diagram: '帧', hint: '指向一个字段，或用 Tab 移到它，即可看到它的字节。',
    time: '时间', direction: '方向', toServer: '客户端 → 服务器', toClient: '服务器 → 客户端', size: '大小', form: '长度形式', message: '消息', code: '关闭码', reason: '原因', number: '帧',
    hsIntro: '服务器要证明它是按 WebSocket 的方式读了请求：它由密钥算出别人不会算的回答。',
    hsKey: '客户端发送一个随机密钥，16 字节，以 Base64 表示：', hsGuid: '服务器在它后面接上一段处处相同的文本：',
    hsSha: '对其取 SHA-1，得 20 字节：', hsBase64: '再以 Base64 写出：', hsAccept: '这必须就是 Sec-WebSocket-Accept，而服务器发送的是：',
    right: 'accept 正确。', wrong: 'accept 错误。', protocols: '子协议', extensions: '扩展', offered: '提供', chosen: '选定', nothing: '无',
    f_fin: 'FIN：消息的最后一帧为 1；只有一帧的消息立即为 1。',
    f_rsv1: 'RSV1：保留。使用 permessage-deflate 时，首帧为 1 表示消息已压缩。',
    f_rsv2: 'RSV2：留给扩展，否则为 0。', f_rsv3: 'RSV3：留给扩展，否则为 0。',
    f_opcode: '操作码：0 延续，1 文本，2 二进制，8 关闭，9 ping，10 pong；其余保留。',
    f_mask: 'MASK：载荷带掩码时为 1。客户端总是加掩码，服务器从不加。',
    f_length: '载荷长度：0 到 125 即长度本身；126：在后面 16 位；127：在后面 64 位。',
    f_extended: '扩展载荷长度，网络字节序，不得长于所需。',
    f_key: '掩码密钥：载荷第 i 字节与密钥第 i mod 4 字节异或。',
    f_payload: '载荷数据。MASK 为 1 时，线路上的字节带掩码。',
  },
};

// The rules come from the tap in English.
const RULES_ZH = {
  'Reserved bits must be 0 unless an extension gives them a meaning.': '保留位必须为 0，除非扩展赋予其含义。',
  'Reserved opcodes must not be used.': '不得使用保留的操作码。',
  'Control frames must be final.': '控制帧不得分片。',
  'Control frames must not exceed 125 bytes of payload.': '控制帧的载荷不得超过 125 字节。',
  'Continuation frames must continue a message that has begun.': '延续帧必须延续已经开始的消息。',
  'A message must not begin before the one before it has ended.': '前一条消息结束之前不得开始新消息。',
  'Client-sent frames must be masked.': '客户端发送的帧必须加掩码。',
  'Server-sent frames must not be masked.': '服务器发送的帧不得加掩码。',
  'Lengths must be sent in their shortest form.': '长度必须用最短的形式。',
  'The top bit of a 64-bit length must be 0.': '64 位长度的最高位必须为 0。',
  'Text messages must be UTF-8.': '文本消息必须是 UTF-8。',
  'The payload of a compressed message must be DEFLATE data.': '压缩消息的载荷必须是 DEFLATE 数据。',
  "A close frame's payload must be empty or begin with two bytes.": '关闭帧的载荷必须为空，或以两个字节开头。',
  "A close frame's code must be one that may be sent.": '关闭帧的代码必须是允许发送的。',
  "A close frame's reason must be UTF-8.": '关闭帧的原因必须是 UTF-8。',
  'Content must be coded as Content-Encoding says.': '内容必须按 Content-Encoding 所说的方式编码。',
  'Nothing may come between the frames of a header block.': '头块的各帧之间不得插入其他内容。',
  'Such a frame must be of a stream.': '这种帧必须属于一个流。',
  'Padding must be shorter than the payload.': '填充必须短于载荷。',
  'Header blocks must be decodable.': '头块必须能够解码。',
  'No frame may follow a close frame.': '关闭帧之后不得再有帧。',
};

let language = localStorage.getItem('halley-tap-language')
  ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');

/** The text of a key, or what its function makes of the arguments. */
export function say(key, ...values) {
  const text = TEXTS[language][key];
  return typeof text === 'function' ? text(...values) : text;
}

/** A rule in the page's language. */
export const sayRule = (rule) => (language === 'zh' && RULES_ZH[rule]) || rule;

export const currentLanguage = () => language;

export function switchLanguage() {
  language = language === 'en' ? 'zh' : 'en';
  localStorage.setItem('halley-tap-language', language);
}
