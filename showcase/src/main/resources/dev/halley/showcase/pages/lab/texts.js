export default {
  pageTitle: { en: 'Halley · transport lab', zh: 'Halley · 传输实验室' },
  title: { en: 'Transport lab', zh: '传输实验室' },
  lead: {
    en: 'A Java program publishes to one channel, and this page listens to it in all four ways at once.',
    zh: '一个 Java 程序向同一个频道发布消息，本页同时用四种方式收听。',
  },
  rate: { en: 'Messages per second', zh: '每秒消息数' },
  interval: { en: 'Poll every', zh: '轮询间隔' },
  watchers: {
    en: '{count} open here and now; the slider is everybody’s. Nothing is published while nobody watches.',
    zh: '此刻打开的实验室：{count} 个，滑块大家共用。没人看时不发布。',
  },
  noControl: { en: 'connecting to the publisher…', zh: '正在连接发布者…' },
  on: { en: 'on', zh: '开' },
  late: { en: 'late: median of the last minute', zh: '迟到：最近一分钟的中位数' },
  late95: { en: '95 % come within', zh: '95% 不超过' },
  perMinute: { en: 'requests per minute', zh: '每分钟请求数' },
  perSecond: { en: 'bytes per second', zh: '每秒字节数' },
  perMessage: { en: 'bytes per message', zh: '每条消息字节数' },
  messages: { en: 'messages', zh: '消息数' },
  requests: { en: 'requests in all', zh: '总请求数' },
  poll: { en: 'Poll', zh: '短轮询' },
  pollIs: {
    en: 'Asks at a fixed interval, whether there is something or not.',
    zh: '按固定间隔询问，不管有没有消息。',
  },
  longPoll: { en: 'Long poll', zh: '长轮询' },
  longPollIs: {
    en: 'Asks once; the answer waits up to 30 s until there is something.',
    zh: '问一次，服务器最多等 30 秒，有了再答。',
  },
  sse: { en: 'Server-Sent Events', zh: 'SSE' },
  sseIs: { en: 'One request, whose answer goes on for ever.', zh: '一个请求，回答一直不结束。' },
  websocket: { en: 'WebSocket', zh: 'WebSocket' },
  websocketIs: {
    en: 'One handshake; then a message has 2 bytes around it.',
    zh: '握手一次，之后每条消息只多 2 字节帧头。',
  },
  chartLate: { en: 'How late each message came (a dot is a message)', zh: '每条消息迟到多久（一点是一条消息）' },
  chartLateIs: {
    en: 'Chart of the last minute: how late each message came, by transport. The figures above say the same.',
    zh: '最近一分钟各传输方式的消息迟到时间图，数值见上方。',
  },
  chartRequests: { en: 'Requests per minute', zh: '每分钟请求数' },
  chartRequestsIs: {
    en: 'Chart of the last minute: requests per minute, by transport. The figures above say the same.',
    zh: '最近一分钟各传输方式的请求数图，数值见上方。',
  },
  chartBytes: { en: 'Bytes on the wire per second', zh: '每秒线上字节数' },
  chartBytesIs: {
    en: 'Chart of the last minute: bytes per second, by transport. The figures above say the same.',
    zh: '最近一分钟各传输方式的字节数图，数值见上方。',
  },
  see: { en: 'What to see here', zh: '看点' },
  seePoll: {
    en: 'Polling is late by half its interval on average, and asks as often when there is nothing to hear. Ask more often, and the wire fills with questions.',
    zh: '短轮询平均迟到半个间隔；没有消息时也照样问。问得越勤，线上越多是提问。',
  },
  seeLongPoll: {
    en: 'Long polling is prompt, but each message costs a request with all its fields; with many messages that is more than polling.',
    zh: '长轮询及时，但每条消息都要付一次完整请求的代价；消息一多，比短轮询还费。',
  },
  seeStreams: {
    en: 'Server-Sent Events and WebSocket asked once, when this page opened. What comes is the message and a few bytes around it.',
    zh: 'SSE 和 WebSocket 只在打开页面时问过一次，之后只有消息本身和少许字节。',
  },
  seeRate: {
    en: 'Move the slider: the more messages, the more a poll carries at once, and the more long polling pays. Stop one of the four by its switch.',
    zh: '拖动滑块：消息越多，短轮询一次带回越多，长轮询代价越大。每种方式都可用开关停掉。',
  },
  connections: {
    en: 'A browser opens six HTTP/1.1 connections to a host, and each lab keeps two of them busy; WebSockets don’t count. So with three labs in one browser, the polls wait for one another.',
    zh: '浏览器对同一主机最多开六条 HTTP/1.1 连接，每个实验室常占两条，WebSocket 不计在内。同一浏览器开三个实验室，轮询就要互相等待。',
  },
};
