// The emoji that people use with customers, with the words by which they are found. Loaded with the picker only.
import type { AppLanguage } from '../../lib/store.ts';

export interface Emoji {
  readonly character: string;
  readonly words: Readonly<Record<AppLanguage, string>>;
}

const lines = `😀 grin happy|sonrisa feliz|sorriso feliz
😃 smile joy|sonrisa alegría|sorriso alegria
😄 laugh eyes|risa ojos|riso olhos
😁 beam teeth|radiante dientes|radiante dentes
😅 sweat relief|sudor alivio|suor alívio
😂 tears laugh|llorar risa|chorar rir
🤣 rolling laugh|carcajada risa|gargalhada rir
🙂 slight smile|sonrisa leve|sorriso leve
🙃 upside down|al revés|de cabeça para baixo
😉 wink|guiño|piscada
😊 blush smile|sonrojo sonrisa|corado sorriso
😇 angel halo|ángel|anjo
🥰 love hearts|amor corazones|amor corações
😍 heart eyes|ojos corazón|olhos coração
🤩 star eyes wow|estrellas|estrelas
😘 kiss|beso|beijo
😋 yum tasty|rico sabroso|gostoso
😜 wink tongue|lengua guiño|língua piscada
🤗 hug|abrazo|abraço
🤔 think hmm|pensar|pensar
🤫 quiet shh|silencio|silêncio
😐 neutral|neutral|neutro
🙄 eye roll|ojos en blanco|revirar os olhos
😏 smirk|picardía|malicioso
😬 grimace|mueca|careta
😌 relieved calm|aliviado calma|aliviado calma
😔 pensive sad|triste pensativo|triste pensativo
😴 sleep|dormir|dormir
😷 mask ill|mascarilla enfermo|máscara doente
🤒 fever ill|fiebre enfermo|febre doente
🥳 party celebrate|fiesta celebrar|festa celebrar
😎 cool sunglasses|gafas de sol|óculos de sol
😕 confused|confundido|confuso
😟 worried|preocupado|preocupado
😮 surprised|sorpresa|surpresa
😢 cry sad|llorar triste|chorar triste
😭 sob|llanto|choro
😱 scream fear|grito miedo|grito medo
😡 angry|enojado|bravo
🥺 please plead|por favor súplica|por favor súplica
👍 thumbs up yes ok|pulgar arriba sí|joinha sim
👎 thumbs down no|pulgar abajo no|negativo não
👌 ok perfect|perfecto vale|perfeito
✌️ victory peace|victoria paz|vitória paz
🤞 fingers crossed luck|dedos cruzados suerte|dedos cruzados sorte
🤝 handshake deal|apretón de manos trato|aperto de mão acordo
👏 clap bravo|aplauso bravo|aplauso parabéns
🙌 raised hands hooray|manos arriba|mãos para cima
🙏 thanks please pray|gracias por favor|obrigado por favor
👋 wave hello bye|hola adiós saludo|oi tchau aceno
💪 strong muscle|fuerte músculo|forte músculo
👇 down below|abajo|abaixo
👉 right this|derecha esto|direita isto
👀 eyes look|ojos mirar|olhos ver
❤️ heart love red|corazón amor rojo|coração amor vermelho
🧡 orange heart|corazón naranja|coração laranja
💛 yellow heart|corazón amarillo|coração amarelo
💚 green heart|corazón verde|coração verde
💙 blue heart|corazón azul|coração azul
💜 purple heart|corazón morado|coração roxo
🖤 black heart|corazón negro|coração preto
💔 broken heart|corazón roto|coração partido
💯 hundred perfect|cien perfecto|cem perfeito
🔥 fire hot|fuego|fogo
⭐ star|estrella|estrela
✨ sparkles new|brillos nuevo|brilhos novo
🎉 party tada|fiesta|festa
🎊 confetti|confeti|confete
🎁 gift present|regalo|presente
🎂 cake birthday|pastel cumpleaños|bolo aniversário
🎈 balloon|globo|balão
🌸 flower blossom|flor|flor
🌹 rose|rosa|rosa
🌻 sunflower|girasol|girassol
🌱 plant seedling|planta|planta
☀️ sun|sol|sol
🌧️ rain|lluvia|chuva
⛄ snow|nieve|neve
🌈 rainbow|arcoíris|arco-íris
🌙 moon night|luna noche|lua noite
🐶 dog|perro|cachorro
🐱 cat|gato|gato
🐝 bee|abeja|abelha
🍎 apple|manzana|maçã
🍞 bread|pan|pão
🍕 pizza|pizza|pizza
🍔 burger|hamburguesa|hambúrguer
🌮 taco|taco|taco
🍰 cake slice|tarta|torta
🍪 cookie|galleta|biscoito
☕ coffee|café|café
🍺 beer|cerveza|cerveja
🍷 wine|vino|vinho
🥂 cheers toast|brindis salud|brinde saúde
⚽ football soccer|fútbol|futebol
🏠 house home|casa|casa
🏪 shop store|tienda|loja
🏥 hospital|hospital|hospital
🚗 car|coche auto|carro
🚚 delivery truck|camión reparto|caminhão entrega
🚲 bicycle|bicicleta|bicicleta
✈️ plane flight|avión vuelo|avião voo
🚆 train|tren|trem
📍 place pin|lugar ubicación|lugar local
🗺️ map|mapa|mapa
⏰ alarm clock|despertador|despertador
⏳ wait hourglass|espera reloj de arena|espera ampulheta
📅 calendar date|calendario fecha|calendário data
📞 phone call|teléfono llamada|telefone ligação
📱 mobile phone|móvil celular|celular
💬 message chat|mensaje chat|mensagem conversa
✉️ letter mail|carta correo|carta e-mail
📦 parcel package|paquete|pacote
🛒 cart shopping|carrito compra|carrinho compra
💳 card payment|tarjeta pago|cartão pagamento
💰 money|dinero|dinheiro
🧾 receipt bill|recibo factura|recibo nota
🔑 key|llave|chave
🔧 tool repair|herramienta arreglo|ferramenta conserto
💡 idea light|idea luz|ideia luz
📎 clip attach|clip adjunto|clipe anexo
✅ done check|hecho listo|feito pronto
❌ no cross|no cruz|não xis
⚠️ warning|aviso atención|aviso atenção
❓ question|pregunta|pergunta
❗ important|importante|importante
➡️ arrow right|flecha derecha|seta direita
🆗 ok button|vale botón|ok botão
🔔 bell reminder|campana recordatorio|sino lembrete`;

export const emojiList: readonly Emoji[] = lines.split('\n').map((line) => {
  const [character = '', ...rest] = line.split(' ');
  const [en = '', es = '', pt = ''] = rest.join(' ').split('|');
  return { character, words: { en, es, pt } };
});
