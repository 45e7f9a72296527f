import type { Language } from '#contracts';
import type { NormalText } from './normalise.js';

/** Words of one language only: what Portuguese and Spanish (or English "do", "no", "so") share is left out. */
const OWN_WORDS: Readonly<Record<Exclude<Language, 'und'>, ReadonlySet<string>>> = {
  pt: words(`o e oi oie oii ola opa nao voce voces vc vcs eu meu meus minha minhas seu sim tem tenho quero queria gostaria
    preciso pra pro uma um com em na da os esse essa isso isto quanto qto qual quais quando onde muito muita mto mt bom boa
    noite tudo bem agora hoje amanha ate mais preco valor fazer faz faco fica ficou estou estao tou ta tao boleto pix blz beleza
    tb tbm tambem pq porque q nem sem ai aqui cade chegou recebi ainda entao foi sao consigo posso pode poderia vou
    obrigado obrigada obg brigado brigada valeu vlw otimo otima adorei amei gostei pessimo pessima ruim moco moca alguem
    ninguem pelo pela ao aos dos das nos vai veio vem sou era tinha conseguir segunda comprei paguei frete cartao produto quem fazem ja faltou comprar errado`),
  en: words(`the is are you your i im ive my what how much when where can could would should want need please thanks thank hello
    hi hey good morning and of it its have has had not dont doesnt didnt isnt cant wont this that with order price be was
    were we they if any there just still from will id great love help does did get buy why who which about been our not`),
  es: words(`hola gracias cuanto cuesta cuestan quiero quisiera el los las y usted ustedes donde cuando muy pero una un mi es
    estoy necesito puedo puede puedes tiene tienen hay precio precios buenos buenas noches manana hoy ahora con del al lo le
    su si bien ya todavia llego llega como comprarlo mejor gusta pagado`),
};

/** The language most words speak for; 'und' when none do or two are level. */
export function detectLanguage(text: NormalText): Language {
  const ranked = [votes(text, 'pt'), votes(text, 'en'), votes(text, 'es')].toSorted((a, b) => b.count - a.count);
  const [first, second] = ranked;
  if (first === undefined || first.count === 0 || first.count === second?.count) return 'und';
  return first.language;
}

function votes(text: NormalText, language: Exclude<Language, 'und'>) {
  return { language, count: text.words.filter((word) => OWN_WORDS[language].has(word)).length };
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}
