// Where anybody gets an address: nobody's company. Those with the most addresses; a confirmed address is asked for as well.
export const publicDomains: ReadonlySet<string> = new Set(
  `126.com 163.com aol.com bol.com.br duck.com email.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hey.com
   hotmail.com hotmail.co.uk hotmail.es hotmail.fr hotmail.it icloud.com inbox.com laposte.net libero.it live.com mac.com mail.com
   mail.ru me.com msn.com naver.com orange.fr outlook.com outlook.es pm.me proton.me protonmail.com qq.com rediffmail.com
   rocketmail.com sapo.pt t-online.de terra.com.br tutanota.com uol.com.br web.de wanadoo.fr yahoo.ca yahoo.co.in yahoo.co.jp
   yahoo.co.uk yahoo.com yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr yandex.com yandex.ru ymail.com zoho.com`.split(
    /\s+/,
  ),
);
