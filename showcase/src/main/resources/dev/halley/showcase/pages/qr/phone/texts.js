export default {
  pageTitle: { en: 'Halley · confirm the login', zh: 'Halley · 确认登录' },
  scanning: { en: 'One moment…', zh: '请稍候…' },
  ask: { en: 'Log in on the other screen?', zh: '在另一块屏幕上登录？' },
  askIs: {
    en: 'A page shows the code that this phone has just scanned. Confirm only if it is yours.',
    zh: '有个页面显示了这台手机刚扫的码。确认是你自己的再点。',
  },
  name: { en: 'Log in as', zh: '登录名' },
  confirm: { en: 'Confirm', zh: '确认登录' },
  decline: { en: 'That’s not me', zh: '不是我' },
  done: { en: 'Done', zh: '完成' },
  doneIs: { en: 'Look at the other screen.', zh: '请看另一块屏幕。' },
  declined: { en: 'Declined', zh: '已拒绝' },
  declinedIs: { en: 'Nobody was logged in.', zh: '没有人登录。' },
  refused: { en: 'This code doesn’t work', zh: '此码无效' },
  gone: {
    en: 'It has been used, or its 60 seconds are over. Ask for a new one on the other screen.',
    zh: '它已被使用，或已超过 60 秒。请在另一块屏幕上换一个码。',
  },
  taken: { en: 'Another phone has scanned it.', zh: '另一台手机已扫过它。' },
  noCode: { en: 'Scan the code on the login page.', zh: '请扫描登录页上的二维码。' },
  unreachable: { en: 'The server can’t be reached.', zh: '连不上服务器。' },
};
