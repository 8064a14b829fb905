// The few things that people ask every shop, in the words of three languages, so that "abren" finds "opening hours".
import { fold, termOf } from './words.ts';

export interface Concept {
  readonly name: string;
  /** 1 where the word says it outright; less where it merely hints ("Sunday" hints at opening hours). */
  readonly strength: number;
}

const HINT_STRENGTH = 0.5;

const CONCEPTS: readonly { name: string; words: string; hints: string }[] = [
  {
    name: 'hours',
    words: `hours hour open opening opens close closing closed closes schedule horario horarios abren abre abrir abierto
      abierta abrimos cierran cierra cerrar cerrado cerramos horário horários abrem aberto aberta fecham fecha fechado
      fechamos funcionamento`,
    hints: `time times when cuándo cuando quando hora horas today tomorrow tonight hoy mañana hoje amanhã noche noite
      monday tuesday wednesday thursday friday saturday sunday weekend holiday holidays lunes martes miércoles jueves
      viernes sábado domingo festivo festivos feriado feriados segunda terça quarta quinta sexta sab dom mon tue wed thu fri
      sat sun`,
  },
  {
    name: 'price',
    words: `price prices pricing cost costs fee fees precio precios cuesta cuestan costo costos coste costes tarifa tarifas
      preço preços custa custam custo custos valor valores`,
    hints:
      'much cuánto cuanto cuánta cuánto quanto quanta vale charge expensive cheap usd eur euros reais pesos',
  },
  {
    name: 'place',
    words: `address location located situated directions dirección ubicación ubicados ubicado ubicada localización endereço
      localização localizados localizado localizada`,
    hints: 'where dónde donde onde fica ficam queda quedan street avenue calle avenida rua find',
  },
  {
    name: 'payment',
    words: `pay paid payment payments card cards cash pagar pago pagos tarjeta tarjetas efectivo pagamento pagamentos
      cartão cartões pix`,
    hints:
      'credit debit visa mastercard amex crédito débito dinheiro dinero bizum paypal invoice factura fatura',
  },
  {
    name: 'delivery',
    words: `delivery deliver delivers delivered deliveries shipping ship ships shipped shipment envío envíos envían enviar
      entrega entregas entregan entregar reparto entregam frete envio envios enviam`,
    hints:
      'domicilio domicílio courier post correos correios despacho arrive arrives llega llegan chega chegam',
  },
  {
    name: 'return',
    words: `return returns returned refund refunds exchange devolución devoluciones devolver reembolso reembolsos devolução
      devoluções devolvo reembolsos troca trocas trocar`,
    hints: 'cambio cambios cambiar money',
  },
  {
    name: 'booking',
    words: `book booking bookings reserve reservation reservations appointment appointments reservar reserva reservas cita
      citas turno turnos agendar agendamento agendamentos`,
    hints: 'table mesa marcar consulta consultas slot',
  },
  {
    name: 'contact',
    words: `phone telephone email mail contact teléfono correo contacto contactar telefone contato contatar whatsapp`,
    hints: 'call llamar ligar number número reach',
  },
  {
    name: 'parking',
    words: `park parking estacionamiento estacionar aparcamiento aparcar parqueo cochera estacionamento garagem`,
    hints: 'carro coche auto',
  },
  {
    name: 'cancellation',
    words: `cancel cancels cancelled canceled cancellation cancelar cancelación anular anulación cancelamento cancelo`,
    hints: 'reschedule reprogramar remarcar',
  },
  {
    name: 'discount',
    words: `discount discounts coupon promotion promotions promo descuento descuentos cupón promoción promociones desconto
      descontos cupom promoção promoções`,
    hints: 'offer offers oferta ofertas rebaja rebajas',
  },
  {
    name: 'stock',
    words: `stock available availability disponible disponibles disponibilidad existencias disponível disponíveis
      disponibilidade estoque`,
    hints: 'sell vende venden vendem',
  },
  {
    name: 'warranty',
    words: 'warranty warranties guarantee garantía garantías garantia garantias',
    hints: 'repair',
  },
  {
    name: 'pets',
    words: `pet pets dog dogs cat cats mascota mascotas perro perros gato gatos cachorro cachorros animais`,
    hints: 'animal animals animales',
  },
  { name: 'wifi', words: 'wifi internet', hints: 'password contraseña senha fi' },
  {
    name: 'allergy',
    words: `vegan vegetarian gluten allergy allergies allergen allergens vegano vegana vegetariano vegetariana alergia
      alergias alérgenos alergênicos celiac celíaco`,
    hints: 'lactose lactosa nuts nueces nozes',
  },
];

const CONCEPTS_BY_TERM: ReadonlyMap<string, readonly Concept[]> = byTerm();

function byTerm(): Map<string, Concept[]> {
  const concepts = new Map<string, Concept[]>();
  for (const { name, words, hints } of CONCEPTS) {
    for (const [list, strength] of [
      [words, 1],
      [hints, HINT_STRENGTH],
    ] as const) {
      for (const word of list.split(/\s+/)) {
        const term = termOf(fold(word));
        const known = concepts.get(term) ?? [];
        if (!known.some((concept) => concept.name === name))
          concepts.set(term, [...known, { name, strength }]);
      }
    }
  }
  return concepts;
}

/** What a folded word is about, among the things that every shop is asked; mostly nothing. Stop words may hint too. */
export function conceptsOf(foldedWord: string): readonly Concept[] {
  return CONCEPTS_BY_TERM.get(termOf(foldedWord)) ?? [];
}
