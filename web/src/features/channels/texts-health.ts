// What is wrong with a channel, by its code, and what to do. English is the server's own.
import { defineTexts } from '../../lib/texts.ts';

export const healthTexts = defineTexts({
  en: {
    wrong_signature: (_url: string, said: string) => said,
    wrong_signature_action: (_url: string, said: string) => said,
    wrong_url: (_url: string, said: string) => said,
    wrong_url_action: (_url: string, said: string) => said,
    missing_signature: (_url: string, said: string) => said,
    missing_signature_action: (_url: string, said: string) => said,
    unreadable: (_url: string, said: string) => said,
    unreadable_action: (_url: string, said: string) => said,
    unknown_number: (_url: string, said: string) => said,
    unknown_number_action: (_url: string, said: string) => said,
    credentials_refused: (_url: string, said: string) => said,
    credentials_refused_action: (_url: string, said: string) => said,
    credentials: (_url: string, said: string) => said,
    credentials_action: (_url: string, said: string) => said,
    provider_unavailable: (_url: string, said: string) => said,
    provider_unavailable_action: (_url: string, said: string) => said,
    webhook: (_url: string, said: string) => said,
    webhook_action: (_url: string, said: string) => said,
    webhook_unknown: (_url: string, said: string) => said,
    webhook_unknown_action: (_url: string, said: string) => said,
    webhook_unset: (_url: string, said: string) => said,
    webhook_unset_action: (_url: string, said: string) => said,
    webhook_elsewhere: (_url: string, said: string) => said,
    webhook_elsewhere_action: (_url: string, said: string) => said,
    number_missing: (_url: string, said: string) => said,
    number_missing_action: (_url: string, said: string) => said,
    number_cannot_text: (_url: string, said: string) => said,
    number_cannot_text_action: (_url: string, said: string) => said,
    public_url_local: (_url: string, said: string) => said,
    public_url_local_action: (_url: string, said: string) => said,
    public_url_plain: (_url: string, said: string) => said,
    public_url_plain_action: (_url: string, said: string) => said,
  },
  es: {
    wrong_signature: () =>
      'Llegaron llamadas cuya firma no encaja: el canal tiene otro token que el del proveedor, o alguien las falsificó.',
    wrong_signature_action: (url: string) =>
      `Ponga en el canal el token actual de la cuenta. Si es correcto, compruebe que el proveedor llama exactamente a ${url}.`,
    wrong_url: () => 'Llegaron llamadas por otra dirección que la pública, y su firma no encaja con ninguna.',
    wrong_url_action: (url: string) =>
      `El proveedor debe llamar exactamente a ${url}. Si lo hace, deje que su proxy pase la cabecera Host (o use PARLEY_TRUST_PROXY); si PUBLIC_URL no es correcta, corríjala.`,
    missing_signature: () =>
      'Llegaron llamadas sin firma. El proveedor firma todas las suyas: no eran suyas, o un proxy quitó la cabecera.',
    missing_signature_action: () =>
      'Nada que hacer si los mensajes llegan. Si no, deje que su proxy pase todas las cabeceras.',
    unreadable: () => 'Llegaron llamadas que no son de este proveedor.',
    unreadable_action: (url: string) =>
      `Nada que hacer si los mensajes llegan. Si no, compruebe que el proveedor llama a ${url} con POST.`,
    unknown_number: () =>
      'Llegaron llamadas de la cuenta de este canal para un número que no está conectado aquí.',
    unknown_number_action: () =>
      'Conecte ese número como canal, o quite nuestra dirección de él en el proveedor.',
    credentials_refused: () => 'El proveedor no aceptó las credenciales de este canal.',
    credentials_refused_action: () => 'Cópielas de nuevo de su consola y guarde el canal.',
    credentials: () => 'Las credenciales abren la cuenta.',
    credentials_action: () => '',
    provider_unavailable: () => 'No se pudo preguntar al proveedor en este momento.',
    provider_unavailable_action: () =>
      'Pruebe de nuevo enseguida. Si sigue así, revise la conexión a internet de esta instalación. No se cambió nada.',
    webhook: () => 'Los mensajes entrantes llegan a esta instalación.',
    webhook_action: () => '',
    webhook_unknown: () => 'El proveedor no dice adónde van las llamadas de este número.',
    webhook_unknown_action: (url: string) => `Compruebe en el proveedor que van a ${url}.`,
    webhook_unset: () => 'El número no tiene dirección a la que llamar cuando llega un mensaje.',
    webhook_unset_action: (url: string) => `Ponga ${url}.`,
    webhook_elsewhere: () => 'Los mensajes entrantes de este número van a otra dirección.',
    webhook_elsewhere_action: (url: string) => `Ponga ${url}.`,
    number_missing: () => 'La cuenta ya no tiene este número.',
    number_missing_action: () => 'Conecte el número con la cuenta que lo tiene, o quite el canal.',
    number_cannot_text: () => 'Este número no puede enviar mensajes.',
    number_cannot_text_action: () => 'Conecte uno que pueda.',
    public_url_local: () => 'La dirección pública es una a la que solo llega esta máquina.',
    public_url_local_action: () =>
      'Ponga en PUBLIC_URL la dirección por la que internet llega a esta instalación.',
    public_url_plain: () => 'La dirección pública no está cifrada.',
    public_url_plain_action: () => 'Ponga un certificado delante y https en PUBLIC_URL.',
  },
  pt: {
    wrong_signature: () =>
      'Chegaram chamadas cuja assinatura não confere: o canal tem outro token que o do provedor, ou alguém as falsificou.',
    wrong_signature_action: (url: string) =>
      `Ponha no canal o token atual da conta. Se estiver certo, verifique se o provedor chama exatamente ${url}.`,
    wrong_url: () =>
      'Chegaram chamadas por outro endereço que o público, e a assinatura não confere com nenhum.',
    wrong_url_action: (url: string) =>
      `O provedor deve chamar exatamente ${url}. Se chama, deixe o seu proxy passar o cabeçalho Host (ou use PARLEY_TRUST_PROXY); se PUBLIC_URL estiver errada, corrija.`,
    missing_signature: () =>
      'Chegaram chamadas sem assinatura. O provedor assina todas as dele: não eram dele, ou um proxy tirou o cabeçalho.',
    missing_signature_action: () =>
      'Nada a fazer se as mensagens chegam. Se não, deixe o seu proxy passar todos os cabeçalhos.',
    unreadable: () => 'Chegaram chamadas que não são deste provedor.',
    unreadable_action: (url: string) =>
      `Nada a fazer se as mensagens chegam. Se não, verifique se o provedor chama ${url} com POST.`,
    unknown_number: () =>
      'Chegaram chamadas da conta deste canal para um número que não está conectado aqui.',
    unknown_number_action: () => 'Conecte esse número como canal, ou tire o nosso endereço dele no provedor.',
    credentials_refused: () => 'O provedor não aceitou as credenciais deste canal.',
    credentials_refused_action: () => 'Copie-as de novo do console dele e salve o canal.',
    credentials: () => 'As credenciais abrem a conta.',
    credentials_action: () => '',
    provider_unavailable: () => 'Não foi possível perguntar ao provedor agora.',
    provider_unavailable_action: () =>
      'Teste de novo daqui a pouco. Se continuar, verifique a conexão desta instalação com a internet. Nada mudou.',
    webhook: () => 'As mensagens recebidas chegam a esta instalação.',
    webhook_action: () => '',
    webhook_unknown: () => 'O provedor não diz aonde vão as chamadas deste número.',
    webhook_unknown_action: (url: string) => `Verifique no provedor se vão para ${url}.`,
    webhook_unset: () => 'O número não tem endereço para chamar quando chega uma mensagem.',
    webhook_unset_action: (url: string) => `Use ${url}.`,
    webhook_elsewhere: () => 'As mensagens recebidas deste número vão para outro endereço.',
    webhook_elsewhere_action: (url: string) => `Use ${url}.`,
    number_missing: () => 'A conta não tem mais este número.',
    number_missing_action: () => 'Conecte o número com a conta que o tem, ou remova o canal.',
    number_cannot_text: () => 'Este número não pode enviar mensagens.',
    number_cannot_text_action: () => 'Conecte um que possa.',
    public_url_local: () => 'O endereço público é um que só esta máquina alcança.',
    public_url_local_action: () =>
      'Ponha em PUBLIC_URL o endereço pelo qual a internet alcança esta instalação.',
    public_url_plain: () => 'O endereço público não é criptografado.',
    public_url_plain_action: () => 'Ponha um certificado na frente e https em PUBLIC_URL.',
  },
});
