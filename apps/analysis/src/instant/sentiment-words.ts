import { lexicon } from './lexicon.js';

/** How much a word says about the customer's mood, from -2 to 2. */
export const moodOf = lexicon([
  [
    2,
    `otim* excelent* perfeit* ador* amei amamos maravilh* incrivel sensacional top parabens fantastic* impecavel
    amazing awesome perfect* love loved great wonderful encant* 😍 🥰 ❤ 🎉`,
  ],
  [
    1,
    `bom boa bons boas gostei gosto gostamos legal show bacana lindo linda lindos lindas feliz satisfeit* recomendo resolveu
    resolvido caprichad* atencios* gentil good nice happy glad helpful bueno buena genial 😊 😃 😁 😄 🙂 👏 💚 💙 :)`,
  ],
  [0.5, `obrigad* brigad* obg obgd obgda agradec* valeu vlw thanks thank gracias 👍 🙏`],
  [
    -1,
    `ruim ruins problema* erro erros defeito quebrad* demora demorou demorando atrasad* atraso atrasou reclam* decepc* insatisfeit*
    chatead* irritad* triste errado errada errados erradas travou travando frustrad* estragad* danificad* porcaria enrolad* grosso grosseir* bad broken
    slow late wrong problem problems issue angry upset annoy* frustrat* disappoint* damaged 😢 😭 😞 😠 😤 🙄 ☹ 😔 :(`,
  ],
  [
    -2,
    `pessim* horriv* horror absurd* ridicul* vergonh* lixo odeio odiei palhacada descaso enganad* golpe golpistas fraude inaceitavel
    terrible awful horrible worst hate scam unacceptable disgust* useless terrivel 😡 🤬 👎`,
  ],
]);
