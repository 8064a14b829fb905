// Words of praise and of anger that people write in Spanish and Portuguese chats and that translated word lists lack. Written for
// Parley, from 1 to 5 as in AFINN.
import type { Language } from '../../server/src/modules/understanding/language.ts';

const GOOD = {
  es: `3 mola molan molaba guay genial geniales chulo chula chulada bonito bonita precioso preciosa hermoso hermosa lindo linda rico rica
    buenisimo buenisima bkn chido chida padre padrisimo bacan bacano chevere copado copada lindisimo divertido divertida risa jaja
    2 gracias encanta encantan encantado encantada encanto gusta gustan gusto gusta gustado mejor mejores ganas ilusion suerte animo
    felicidades felicitaciones enhorabuena felicito cumpleanos abrazo abrazos beso besos besitos besazo cariño carino amigo amigos
    bueno buena buenos buenas bien vale ganamos ganar ganado gane gano grande grandes crack fan orgullo orgulloso orgullosa
    feliz felices alegro alegra alegria contento contenta disfrutar disfruto disfrutando disfrutad recomiendo apoyo vamos ole bravo
    4 amo adoro maravilla maravilloso maravillosa espectacular increible perfecto perfecta fantastico fantastica excelente
    estupendo estupenda buenisimos impresionante inolvidable amor quiero feliz`,
  pt: `3 lindo linda lindos lindas lindao lindissima gato gata fofo fofa fofos top massa show legal bacana maneiro foda fodastico
    delicia gostoso gostosa gostei gostando otimo otima bonito bonita engracado engracada sensacional arrasou arrasa arrasando lacrou
    lacre diva rainha rei mito shippo
    2 parabens obrigado obrigada sucesso adorei adoro adorando curti curtindo torcendo torcida torco merece mereceu mereco
    feliz felicidade alegria sorriso saudade saudades abraco abracos beijo beijos melhor melhores bom boa bons boas bem ganhou
    ganhar venceu vitoria orgulho emocionante emocionada emocionado emocao talento talentoso talentosa fa querido querida apaixonada
    apaixonado aplausos bravo uhul eba rindo rir risos fofura simpatico simpatica
    4 amo amei amando amor maravilhoso maravilhosa maravilha perfeito perfeita incrivel fantastico fantastica espetacular
    excelente lindissimo melhor`,
} as const;

const BAD = {
  es: `3 asco asqueroso asquerosa mierda mierdas puta puto putos putas joder jodido jodida jodan cabron cabrones gilipollas imbecil imbeciles
    idiota idiotas tonto tonta tontos estupido estupida pendejo pendejos boludo boludos culpa culpable vergüenza verguenza
    odio odia odian odiar rabia cabreo cabreado cabreada enojo enojada enojado harto harta hartos coño cono carajo maldito maldita
    2 triste tristes tristeza llorar lloro llorando llora lagrimas pena penas lastima duele dolor doler enfermo enferma fiebre gripe
    cansado cansada cansancio aburrido aburrida aburro aburrimiento sueño sueno insomnio solo sola soledad miedo susto nervios
    problema problemas fallo falla error mal mala malo malos malas peor peores pesimo pesima fatal horrible feo fea basura
    perder perdi perdido perdimos pierde pierdo robo robar roban robado ladron ladrones corrupto corruptos corrupcion mentira
    mentiras mentiroso crisis paro muerte muerto muertos muere morir matar odiosa fracaso decepcion decepcionado decepcionada
    extrano extraño echo falta faltan nadie nunca tarde imposible dificil examen examenes estres agobio agobiada pereza ojala
    desgracia desastre lamentable injusto injusticia molesta molesto molestan preocupa preocupado grave roto rota`,
  pt: `3 odio odeio odiando merda porra caralho puta bosta lixo nojo nojento nojenta ridiculo ridicula raiva vergonha idiota babaca otario
    otaria burro burra imbecil falso falsa falsidade falsiane insuportavel desgraca inferno maldito maldita cala cansei pqp fdp
    2 chato chata chatos chatice chato triste tristeza chorar chorei chorando choro pena saco tedio sono cansado cansada cansativo medo
    ruim ruins pessimo pessima pior piores horrivel feio feia fraco fraca brega forcado forcada injusto injustica
    errado errada erro erros problema problemas perdeu perder perdi perdendo roubo roubado roubada mentira mentiroso mentirosa
    arrogante grossa grosso grosseria metida metido folgado folgada preconceito racista machista machismo crime morte morreu morrer matar
    doente dor doi infelizmente decepcao decepcionado decepcionada decepcionante desnecessario desnecessaria absurdo palhacada
    apelativo irritante irrita irritada vacilo vacilou mal queimado queimou cru crua eliminado eliminada demora demorou
    parem chega aff affs affe pqp eca credo tosco tosca mimimi`,
} as const;

/** Words with how good they are, -1 to 1. */
export function chatWordsOf(language: Exclude<Language, 'en'>): [word: string, worth: number][] {
  return [...worths(GOOD[language], 1), ...worths(BAD[language], -1)];
}

function worths(list: string, sign: number): [string, number][] {
  let worth = 0;
  const words: [string, number][] = [];
  for (const entry of list.split(/\s+/)) {
    if (/^\d$/.test(entry)) worth = Number(entry);
    else words.push([entry, (sign * worth) / 5]);
  }
  return words;
}
