// Texts of what every page has.
export default {
  skip: { en: 'Skip to the content', zh: '跳到正文' },
  navLab: { en: 'Lab', zh: '实验室' },
  navQr: { en: 'QR login', zh: '扫码登录' },
  navChat: { en: 'Chat', zh: '聊天' },
  navGame: { en: 'Game', zh: '游戏' },
  navDocument: { en: 'Document', zh: '协作文档' },
  navMain: { en: 'Demos', zh: '演示' },
  otherLanguage: { en: '中文', zh: 'EN' },
  switchLanguage: { en: '切换到中文', zh: 'Switch to English' },
  switchTheme: { en: 'Switch between light and dark', zh: '切换明暗主题' },
  footer: {
    en: 'Halley: one channel, one URL, four ways to listen. This page and all that it loads come from the Halley on your machine.',
    zh: 'Halley：一个频道，一个 URL，四种收听方式。本页及其加载的一切都来自你这台机器上的 Halley。',
  },
  popupDismiss: { en: 'Dismiss', zh: '关闭' },
  popupVia: { en: 'pushed {age} after it was published', zh: '发布后 {age} 推送到达' },
  trafficRequests: { en: 'requests', zh: '请求数' },
  trafficSent: { en: 'sent', zh: '已发送' },
  trafficReceived: { en: 'received', zh: '已接收' },
  trafficMessages: { en: 'messages', zh: '消息数' },
  trafficAge: { en: 'age of the newest on arrival', zh: '最新消息到达时的年龄' },
  trafficHow: { en: 'How bytes are counted', zh: '字节如何计算' },
  trafficHowText: {
    en: 'Bodies, frames with their headers, and the fields of answers are counted byte by byte. What the browser adds to a request it doesn’t tell a page, so the server measured it once on a request of this page. TCP, IP and TLS are left out.',
    zh: '正文、帧（含帧头）和响应字段逐字节计算。浏览器不会告诉页面它给请求附加了什么，所以由服务器在本页的一次请求上测量。不含 TCP、IP 和 TLS。',
  },
};
