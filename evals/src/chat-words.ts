// What a chat begins and ends with, and words that are nobody's: often the whole message, and too rare in what is published. Written
// for Parley.

const LISTS = {
  en: `hello, hi, hey, thanks, thank you, thanks a lot, please, yes, yeah, yep, good morning, good afternoon, good evening,
    hello there, hi there, sorry, sure, great, how are you, see you, bye, goodbye, help, stop, what, when, where, how much,
    perfect, got it, no thanks, of course, never mind, good night, welcome, cheers, not yet, i see, me too`,
  es: `hola, gracias, muchas gracias, por favor, sí, si, buenas, buenos días, buenos dias, buenas tardes, buenas noches, hola buenas,
    perdón, perdon, claro, vale, genial, cómo estás, como estas, qué tal, que tal, adiós, adios, hasta luego, ayuda, cuánto, cuanto,
    cuándo, cuando, dónde, donde, perfecto, entendido, no gracias, de nada, baja, bueno, dale, sale, listo, todavía no, yo también, ahora`,
  pt: `olá, ola, oi, obrigado, obrigada, muito obrigado, obg, por favor, sim, não, nao, bom dia, boa tarde, boa noite, oi tudo bem,
    tudo bem, desculpa, desculpe, claro, beleza, ótimo, otimo, como vai, até logo, ate logo, tchau, ajuda, quanto, quanto é, quando, onde,
    perfeito, entendi, não obrigado, de nada, sair, parar, ainda não, eu também, agora, blz, vlw, valeu, tá bom, ta bom`,
  other: `bonjour, salut, merci, merci beaucoup, s'il vous plaît, oui, bonsoir, hallo, guten tag, guten morgen, danke, danke schön, bitte,
    ja, nein, ciao, buongiorno, buonasera, grazie, per favore, sì, goedemorgen, dank je, alsjeblieft, hej, tack, takk, kiitos, dziękuję,
    dzień dobry, děkuji, dobrý den, köszönöm, mulțumesc, bună ziua, merhaba, teşekkürler, bon dia, gràcies, si us plau, xin chào, cảm ơn,
    terima kasih, salamat, привет, спасибо, здравствуйте, شكرا, مرحبا, שלום, תודה, ありがとう, こんにちは, 谢谢, 你好, 안녕하세요, धन्यवाद`,
} as const;

/** Words that all of our languages write alike: they say nothing of the language. */
const SHARED = `ok, okay, menu, pizza, hotel, wifi, email, whatsapp, taxi, bar, web, chat, online, sms, total, normal, final, super, taco,
  sushi, internet, facebook, instagram, google, video, radio, metro, plan, virus, hospital, animal, original, local, legal, real,
  central, social, personal, digital, visa, pin, link, app, spa, vip, kg, km, xl, iphone, netflix, uber, paypal, club, gas, color`;

export const CHAT_WORDS = {
  en: split(LISTS.en),
  es: split(LISTS.es),
  pt: split(LISTS.pt),
  other: split(LISTS.other),
};
export const SHARED_WORDS = split(SHARED);

function split(list: string): string[] {
  return list.split(',').map((entry) => entry.trim());
}
